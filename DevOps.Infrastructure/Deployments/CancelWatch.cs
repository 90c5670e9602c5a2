using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Looks every two seconds whether a running deployment was cancelled: the net under <see cref="CancelRequests"/>.</summary>
internal sealed class CancelWatch : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private readonly IDbContextFactory<DevOpsDbContext> _contexts;
    private readonly CancellationTokenSource _cancel;
    private readonly long _id;
    private readonly CancellationTokenSource _over = new();
    private readonly ITimer _timer;
    private int _looking;

    public CancelWatch(IDbContextFactory<DevOpsDbContext> contexts, CancellationTokenSource cancel, long id, TimeProvider time)
    {
        _contexts = contexts;
        _cancel = cancel;
        _id = id;
        _timer = time.CreateTimer(_ => _ = LookAgainAsync(), null, Every, Every);
    }

    /// <summary>Looks once; fires the source when the row says so.</summary>
    /// <returns>Whether it does.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var cancelled = await db.Deployments.AnyAsync(d => d.Id == _id && d.CancelRequestedAt != null, cancellationToken);
        if (cancelled && !_over.IsCancellationRequested)
        {
            await _cancel.CancelAsync();
        }

        return cancelled;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _over.Cancel();
        _over.Dispose();
    }

    private async Task LookAgainAsync()
    {
        if (Interlocked.Exchange(ref _looking, 1) == 1)
        {
            return;
        }

        try
        {
            await LookAsync(_over.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException || DatabaseAway.Is(e))
        {
            // Over, or the database is away: the next look, or the lost lease, decides.
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }
}
