using System.Collections.Concurrent;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Servers;

namespace DevOps.Tests.Fakes;

/// <summary>Servers in memory, made when first asked for, each scripted on its own: <c>hosts["app-1"].Exit(c => …, 1)</c>.</summary>
public sealed class FakeRemoteHosts : IRemoteHosts
{
    private readonly ConcurrentDictionary<string, FakeRemoteHost> _hosts = new(StringComparer.Ordinal);

    public FakeRemoteHost this[string server] => _hosts.GetOrAdd(server, name => new FakeRemoteHost(name));

    /// <summary>What a scan answers, by host; a host that is not in here does not answer.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<ScannedHostKey>> Keys { get; } = new(StringComparer.Ordinal);

    public IRemoteHost Get(ServerAccess server) => this[server.Name];

    public Task<IReadOnlyList<ScannedHostKey>> ScanHostKeysAsync(string host, int port, CancellationToken cancellationToken) =>
        Keys.TryGetValue(host, out var keys)
            ? Task.FromResult(keys)
            : Task.FromException<IReadOnlyList<ScannedHostKey>>(new HostUnreachable(host, "it does not answer (fake)."));
}
