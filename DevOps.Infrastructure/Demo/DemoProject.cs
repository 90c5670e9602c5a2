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
    CredentialQueries credentials,
    AddServer addServer,
    ChangeServer changeServer,
    ServerQueries servers,
    CreateProject createProject,
    ChangeProject changeProject,
    ProjectQueries projects,
    CreateOrChangeEnvironment putEnvironment,
    RequestDeployment request,
    DeploymentQueries deployments)
{
    private static readonly Actor Demo = Actor.Platform with { Name = "demo" };

    /// <summary>Sees to it that all is there.</summary>
    public async Task EnsureAsync(DemoOptions demo, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(() => credentials.GetAsync(Demo, DemoContent.Name, cancellationToken)))
        {
            await addCredential.RunAsync(Demo, DemoContent.Credential(demo), cancellationToken);
        }

        // Ports may be others than at the last start.
        var server = DemoContent.Server(demo);
        await (await ExistsAsync(() => servers.GetAsync(Demo, server.Name, cancellationToken))
            ? changeServer.RunAsync(Demo, server, null, cancellationToken)
            : addServer.RunAsync(Demo, server, cancellationToken));
        var project = DemoContent.Project(demo);
        await (await ExistsAsync(() => projects.GetAsync(Demo, project.Key, cancellationToken))
            ? changeProject.RunAsync(Demo, project, null, cancellationToken)
            : createProject.RunAsync(Demo, project, cancellationToken));
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

    private static async Task<bool> ExistsAsync(Func<Task> read)
    {
        try
        {
            await read();
            return true;
        }
        catch (NotFound)
        {
            return false;
        }
    }
}
