using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Servers;

namespace DevOps.Tests.Chaos.Cuts;

/// <summary>Servers as a process sees them that may die before or behind any command.</summary>
internal sealed class MortalHosts(IRemoteHosts hosts, Life life) : IRemoteHosts
{
    public IRemoteHost Get(ServerAccess server) => new Host(hosts.Get(server), server.Name, life);

    public Task<IReadOnlyList<ScannedHostKey>> ScanHostKeysAsync(string host, int port, CancellationToken cancellationToken) => hosts.ScanHostKeysAsync(host, port, cancellationToken);

    private sealed class Host(IRemoteHost host, string name, Life life) : IRemoteHost
    {
        public async Task<RemoteExit> RunAsync(RemoteCommand command, ILogOutput? output, CancellationToken cancellationToken)
        {
            var what = $"'{command.Script.Split('\n')[0]}' on {name}";
            life.Demand("before " + what);
            var exit = await host.RunAsync(command, output, cancellationToken);
            life.Demand("behind " + what);
            return exit;
        }

        public async Task<UploadResult> UploadAsync(ReleaseUpload upload, ILogOutput output, CancellationToken cancellationToken)
        {
            life.Demand("before the upload to " + name);
            var result = await host.UploadAsync(upload, output, cancellationToken);
            life.Demand("behind the upload to " + name);
            return result;
        }
    }
}

/// <summary>The container engine, likewise.</summary>
internal sealed class MortalEngine(IContainerEngine engine, Life life) : IContainerEngine
{
    public Task<EngineInfo> PingAsync(CancellationToken cancellationToken) => engine.PingAsync(cancellationToken);

    public async Task<ContainerExit> RunAsync(ContainerRun run, ILogOutput output, CancellationToken cancellationToken)
    {
        life.Demand("before the build");
        var exit = await engine.RunAsync(run, output, cancellationToken);
        life.Demand("behind the build");
        return exit;
    }

    public async Task<int> RemoveLeftoversAsync(long deploymentId, CancellationToken cancellationToken)
    {
        life.Demand("before leftovers are removed");
        return await engine.RemoveLeftoversAsync(deploymentId, cancellationToken);
    }

    public Task<IReadOnlyList<long>> ListDeploymentsAsync(CancellationToken cancellationToken) => engine.ListDeploymentsAsync(cancellationToken);
}

/// <summary>The repository, likewise.</summary>
internal sealed class MortalSource(ISourceRepository source, Life life) : ISourceRepository
{
    public Task<IReadOnlyList<SourceBranch>> ListBranchesAsync(RepositoryAccess repository, CancellationToken cancellationToken) => source.ListBranchesAsync(repository, cancellationToken);

    public async Task<SourceCommit> ResolveAsync(RepositoryAccess repository, string reference, ILogOutput output, CancellationToken cancellationToken)
    {
        life.Demand("before the commit is resolved");
        return await source.ResolveAsync(repository, reference, output, cancellationToken);
    }

    public Task<string?> ReadFileAsync(RepositoryAccess repository, string sha, string path, int maxBytes, CancellationToken cancellationToken) =>
        source.ReadFileAsync(repository, sha, path, maxBytes, cancellationToken);

    public async Task CheckoutAsync(RepositoryAccess repository, string sha, string folder, ILogOutput output, CancellationToken cancellationToken)
    {
        life.Demand("before the checkout");
        await source.CheckoutAsync(repository, sha, folder, output, cancellationToken);
        life.Demand("behind the checkout");
    }
}

/// <summary>Health checks, likewise.</summary>
internal sealed class MortalProbe(IHealthProbe probe, Life life) : IHealthProbe
{
    public async Task<HealthAnswer> AskAsync(string url, TimeSpan timeout, CancellationToken cancellationToken)
    {
        life.Demand("before a health check");
        return await probe.AskAsync(url, timeout, cancellationToken);
    }
}
