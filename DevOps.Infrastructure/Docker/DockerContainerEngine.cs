using System.Globalization;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Infrastructure.Docker;

/// <summary>Runs builds on a Docker Engine. The workspace is copied in and the artifacts are copied out, so that the engine may be on another machine,
/// the platform need not be root, and a container sees nothing of either host.</summary>
public sealed class DockerContainerEngine(DockerConnection connection, Installation installation, ContainerRemoval removal, TimeProvider time) : IContainerEngine
{
    private static readonly TimeSpan CreateLimit = TimeSpan.FromSeconds(60);

    private readonly Images _images = new(connection, time);
    private readonly CacheVolumes _caches = new(connection, installation);

    /// <inheritdoc/>
    public Task<EngineInfo> PingAsync(CancellationToken cancellationToken) => connection.OpenAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<ContainerExit> RunAsync(ContainerRun run, ILogOutput output, CancellationToken cancellationToken)
    {
        ContainerSpec.Check(run);
        try
        {
            // None of these waits for another: an engine takes its time to count its cores.
            var (leftovers, cores, image) = (RemoveLeftoversAsync(run.DeploymentId, cancellationToken), CoresAsync(cancellationToken), _images.EnsureAsync(run.Image, output, cancellationToken));
            await Task.WhenAll(leftovers, cores, image);
            return await RunOnceAsync(run, await image, await cores, output, cancellationToken);
        }
        catch (EngineRefusal refusal)
        {
            throw new StepFailure($"the container engine refused: {refusal.Message}", null, refusal);
        }
    }

    /// <inheritdoc/>
    public async Task<int> RemoveLeftoversAsync(long deploymentId, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var container in await ListAsync(deploymentId, cancellationToken))
        {
            removed += await removal.RemoveAsync(container.Id, cancellationToken) ? 1 : 0;
        }

        return removed;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<long>> ListDeploymentsAsync(CancellationToken cancellationToken)
    {
        var containers = await ListAsync(null, cancellationToken);
        return [.. containers
            .Select(c => long.TryParse(c.Labels.GetValueOrDefault(Docker.Labels.Deployment), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .Distinct()
            .Order()];
    }

    private async Task<ContainerExit> RunOnceAsync(ContainerRun run, ImageFacts image, int cores, ILogOutput output, CancellationToken cancellationToken)
    {
        var volumes = await _caches.EnsureAsync(run.ProjectKey, run.Caches, cancellationToken);
        var cpus = await LimitCpusAsync(run.Cpus, cores, output, cancellationToken);
        var spec = ContainerSpec.Create(run, image.Id, installation.Id, volumes, cpus);

        // A name of our own choosing, so that the container can be removed even when its creation was never answered.
        var name = string.Create(CultureInfo.InvariantCulture, $"devops-{run.DeploymentId}-{Guid.NewGuid():N}");
        try
        {
            var id = await CreateAsync(name, spec);
            cancellationToken.ThrowIfCancellationRequested();
            var container = new BuildContainer(connection, id, time);
            var owner = await ImageUser.FindAsync(connection, id, image.Config?.User, cancellationToken);
            await container.FillAsync(run, owner, output, cancellationToken);
            var exit = await container.PlayAsync(run.Timeout, output, cancellationToken);
            if (exit is { ExitCode: 0, TimedOut: false })
            {
                await container.CollectAsync(run, output, cancellationToken);
            }

            return exit;
        }
        finally
        {
            // Only this run's container: another worker may have taken the deployment over by now.
            await removal.RemoveInTheEndAsync(name);
        }
    }

    /// <summary>Not to be cancelled: once asked for, a container may exist, and who left before the answer would not know it.</summary>
    private async Task<string> CreateAsync(string name, object spec)
    {
        var call = new EngineCall(HttpMethod.Post, $"/containers/create?name={name}") { Body = DockerConnection.Json(spec), Limit = CreateLimit };
        return (await connection.AskAsync<Created>(call, CancellationToken.None)).Id;
    }

    private async Task<IReadOnlyList<Listed>> ListAsync(long? deploymentId, CancellationToken cancellationToken)
    {
        var path = $"/containers/json?all=1&filters={Labels.Filter(installation.Id, deploymentId)}";
        return await connection.AskAsync<List<Listed>>(new EngineCall(HttpMethod.Get, path), cancellationToken);
    }

    private async Task<int> CoresAsync(CancellationToken cancellationToken) =>
        (await connection.AskAsync<Machine>(new EngineCall(HttpMethod.Get, "/info"), cancellationToken)).NCPU;

    /// <summary>An engine refuses a container that asks for more cores than there are; a limit above them is none anyway.</summary>
    private static async Task<double> LimitCpusAsync(double cpus, int has, ILogOutput output, CancellationToken cancellationToken)
    {
        if (has <= 0 || cpus <= has)
        {
            return cpus;
        }

        await output.SayAsync(string.Create(CultureInfo.InvariantCulture, $"the engine has {has} cores; the limit of {cpus} is lowered to that"), cancellationToken);
        return has;
    }

    private sealed record Created(string Id);

    private sealed record Listed(string Id, Dictionary<string, string> Labels);

    private sealed record Machine(int NCPU);
}
