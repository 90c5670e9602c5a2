using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Credentials;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Servers;

namespace DevOps.Infrastructure.Demo;

/// <summary>Adds the demo's credential, server, project and environment by the same verbs that pages use. Repeatable: what is there is brought up to date.</summary>
public sealed class DemoProject(
    AddCredential addCredential,
    AddServer addServer,
    ChangeServer changeServer,
    CreateProject createProject,
    ChangeProject changeProject,
    CreateOrChangeEnvironment putEnvironment,
    RequestDeployment request,
    DeploymentQueries deployments)
{
    private static readonly Actor Demo = Actor.Platform with { Name = "demo" };

    /// <summary>Sees to it that all is there.</summary>
    public async Task EnsureAsync(DemoOptions demo, CancellationToken cancellationToken)
    {
        await FirstOrElseAsync(() => addCredential.RunAsync(Demo, DemoContent.Credential(demo), cancellationToken), () => Task.CompletedTask);
        await FirstOrElseAsync(
            () => addServer.RunAsync(Demo, DemoContent.Server(demo), cancellationToken),
            () => changeServer.RunAsync(Demo, DemoContent.Server(demo), null, cancellationToken));
        await FirstOrElseAsync(
            () => createProject.RunAsync(Demo, DemoContent.Project(demo), cancellationToken),
            () => changeProject.RunAsync(Demo, DemoContent.Project(demo), null, cancellationToken));
        await putEnvironment.RunAsync(Demo, DemoContent.Name, DemoContent.Place(demo), null, cancellationToken);
    }

    /// <summary>The newest deployment; asks for one when there was none that came through.</summary>
    /// <returns>Its id.</returns>
    public async Task<long> DeployOnceAsync(CancellationToken cancellationToken)
    {
        var done = await deployments.ListAsync(Demo, new DeploymentFilter(DemoContent.Name, null, DeploymentStatus.Succeeded), PageRequestOfOne, cancellationToken);
        return done.Items.Count > 0
            ? done.Items[0].Id
            : (await request.RunAsync(Demo, DemoContent.Name, new DeploymentRequest { Environment = DemoContent.Environment, Note = "First deployment of the demo" }, Trigger.Manual, cancellationToken)).Id;
    }

    /// <summary>Reads a deployment.</summary>
    public Task<DeploymentDetail> ReadAsync(long id, CancellationToken cancellationToken) => deployments.GetAsync(Demo, id, cancellationToken);

    private static Core.PageRequest PageRequestOfOne => new(1, 1);

    private static async Task FirstOrElseAsync(Func<Task> first, Func<Task> otherwise)
    {
        try
        {
            await first();
        }
        catch (Conflict conflict) when (conflict.Reason is "exists")
        {
            await otherwise();
        }
    }
}
