using System.Collections.Concurrent;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Access;

/// <summary>Notes when and from where sessions and personal tokens were last used. Written beside the requests, at most once a minute for each.</summary>
public sealed class LastUses(IDbContextFactory<DevOpsDbContext> contexts, TimeProvider time, ILogger<LastUses> logger) : BackgroundService
{
    /// <summary>How often a use is written at most.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private const int MaxRemembered = 50_000;
    private readonly ConcurrentDictionary<(Guid? Session, long? Token), DateTimeOffset> _noted = new();
    private readonly ConcurrentDictionary<(Guid? Session, long? Token), Use> _pending = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>Notes that a session was seen.</summary>
    public void Session(Guid id, string address) => Note((id, null), address);

    /// <summary>Notes that a personal token was used.</summary>
    public void Token(long id, string address) => Note((null, id), address);

    /// <summary>Writes what is noted.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            foreach (var key in _pending.Keys)
            {
                if (_pending.TryRemove(key, out var use))
                {
                    await WriteAsync(key, use, cancellationToken);
                }
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _writing.Dispose();
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(stoppingToken);
                await WriteAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                logger.LogWarning("The last use of sessions and tokens was not written ({Reason})", exception.Message);
            }
        }
    }

    private void Note((Guid? Session, long? Token) key, string address)
    {
        var now = time.GetUtcNow();
        if (_noted.TryGetValue(key, out var last) && now - last < Every)
        {
            return;
        }

        if (_noted.Count >= MaxRemembered)
        {
            _noted.Clear();
        }

        _noted[key] = now;
        _pending[key] = new Use(now, address);
        _wake.Release();
    }

    // Another process may have written it a moment ago.
    private async Task WriteAsync((Guid? Session, long? Token) key, Use use, CancellationToken cancellationToken)
    {
        var before = use.At - Every;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (key.Token is { } token)
        {
            await db.PersonalTokens.Where(t => t.Id == token && (t.LastUsedAt == null || t.LastUsedAt <= before)).ExecuteUpdateAsync(
                set => set.SetProperty(t => t.LastUsedAt, use.At).SetProperty(t => t.LastUsedAddress, use.Address), cancellationToken);
        }
        else
        {
            await db.BrowserSessions.Where(s => s.Id == key.Session && s.LastSeenAt <= before).ExecuteUpdateAsync(
                set => set.SetProperty(s => s.LastSeenAt, use.At).SetProperty(s => s.Address, use.Address), cancellationToken);
        }
    }

    private sealed record Use(DateTimeOffset At, string Address);
}
