using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Ssh;

/// <summary>The kept connection to one server: opened on first use, shared, reopened when broken, closed when idle.</summary>
internal sealed class SshConnection : IAsyncDisposable
{
    private readonly ServerAccess _server;
    private readonly SshConnection? _jump;
    private readonly SshConnections _owner;
    private readonly SemaphoreSlim _slots;
    private readonly Lock _lock = new();
    private readonly ITimer _idle;
    private Task<Opened>? _opening;
    private int _users;
    private bool _disposed;

    public SshConnection(ServerAccess server, SshConnection? jump, SshConnections owner)
    {
        _server = server;
        _jump = jump;
        _owner = owner;
        _slots = new SemaphoreSlim(owner.Options.Sessions);
        _idle = owner.Time.CreateTimer(_ => _ = CloseIdleAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits for a free session and gives it, over a connection that stands.</summary>
    public async Task<SshLease> LeaseAsync(CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return new SshLease(await HoldAsync(cancellationToken), () =>
            {
                LetGo();
                _slots.Release();
            });
        }
        catch
        {
            _slots.Release();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<Opened>? opening;
        lock (_lock)
        {
            _disposed = true;
            opening = _opening;
            _opening = null;
        }

        await _idle.DisposeAsync();
        await CloseAsync(opening);
    }

    // Keeps the connection open without a session of its own: that is how one stands on a jump server's.
    private async Task<SshMaster> HoldAsync(CancellationToken cancellationToken)
    {
        Task<Opened> opening;
        Task<Opened>? broken = null;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_opening is { IsCompleted: true } known && !(known.IsCompletedSuccessfully && known.Result.Master.IsAlive))
            {
                broken = known;
                _opening = null;
            }

            opening = _opening ??= OpenAsync();
            _users++;
            _idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        try
        {
            await CloseAsync(broken);
            return (await opening.WaitAsync(cancellationToken)).Master;
        }
        catch
        {
            LetGo();
            throw;
        }
    }

    private void LetGo()
    {
        lock (_lock)
        {
            _users--;
            if (_users == 0 && !_disposed)
            {
                _idle.Change(_owner.Options.IdleTimeout, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // Not bound to one caller's token: others may be waiting for the same connection. The time limits of opening end it.
    private async Task<Opened> OpenAsync()
    {
        await Task.Yield();
        var jump = _jump is null ? null : await _jump.HoldAsync(_owner.Closing);
        try
        {
            await _owner.Handshakes.WaitAsync(_owner.Closing);
            try
            {
                return new Opened(await SshMaster.OpenAsync(_server, _owner.Folder, jump, _owner.Options, _owner.Closing));
            }
            finally
            {
                _owner.Handshakes.Release();
            }
        }
        catch
        {
            _jump?.LetGo();
            throw;
        }
    }

    private async Task CloseIdleAsync()
    {
        Task<Opened>? opening;
        lock (_lock)
        {
            if (_users > 0)
            {
                return;
            }

            opening = _opening;
            _opening = null;
        }

        await CloseAsync(opening);
    }

    private async Task CloseAsync(Task<Opened>? opening)
    {
        if (opening is null)
        {
            return;
        }

        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully)
        {
            await opening.Result.Master.DisposeAsync();
            _jump?.LetGo();
        }
    }

    private sealed record Opened(SshMaster Master);
}

/// <summary>The right to one session over an open connection.</summary>
internal sealed class SshLease(SshMaster master, Action release) : IDisposable
{
    private Action? _release = release;

    public SshMaster Master => master;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
