using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Credentials;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Reaches servers with OpenSSH. One connection per server and credential is kept and shared by all callers.</summary>
public sealed class SshConnections : IRemoteHosts, IAsyncDisposable
{
    private readonly IArtifactStore _artifacts;
    private readonly ConcurrentDictionary<Identity, SshConnection> _connections = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Lazy<SshFolder> _folder;
    private readonly ByteBudget _budget;
    private int _disposed;

    /// <summary>Opens nothing yet.</summary>
    public SshConnections(IArtifactStore artifacts, SshOptions options, TimeProvider time)
    {
        _artifacts = artifacts;
        Options = options;
        Time = time;
        Handshakes = new SemaphoreSlim(options.Handshakes);
        _folder = new Lazy<SshFolder>(() => new SshFolder(options.Folder));
        _budget = new ByteBudget(options.BytesInFlight);
    }

    internal SshOptions Options { get; }

    internal TimeProvider Time { get; }

    internal SemaphoreSlim Handshakes { get; }

    internal SshFolder Folder => _folder.Value;

    internal CancellationToken Closing => _closing.Token;

    /// <inheritdoc/>
    public IRemoteHost Get(ServerAccess server) => new OpenSshHost(server, this, _artifacts, _budget);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ScannedHostKey>> ScanHostKeysAsync(string host, int port, CancellationToken cancellationToken) =>
        HostKeyScan.RunAsync(host, port, Options.ConnectTimeout, cancellationToken);

    /// <summary>Closes all connections and removes everything this object wrote.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync();
        foreach (var connection in _connections.Values)
        {
            await connection.DisposeAsync();
        }

        if (_folder.IsValueCreated)
        {
            _folder.Value.Dispose();
        }

        Handshakes.Dispose();
        _closing.Dispose();
    }

    internal SshConnection Connection(ServerAccess server)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return _connections.GetOrAdd(Identity.Of(server), _ => new SshConnection(server, server.Jump is null ? null : Connection(server.Jump), this));
    }

    // A changed key, credential or way makes another connection; the old one ends when it is idle.
    private sealed record Identity(string Name, string Host, int Port, string User, CredentialKind Kind, string SecretHash, string? HostKey, Identity? Jump)
    {
        public static Identity Of(ServerAccess server) => new(
            server.Name,
            server.Host,
            server.Port,
            server.User,
            server.Kind,
            Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(server.Secret.Reveal()))),
            server.HostKey,
            server.Jump is null ? null : Of(server.Jump));
    }
}
