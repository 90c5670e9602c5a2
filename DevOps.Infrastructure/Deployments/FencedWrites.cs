using DevOps.Core.Events;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Writes that only the present holder of a deployment's job can make, and what is read between them. While the database is away they wait; another worker takes over when that lasts.</summary>
public sealed class FencedWrites(IDbContextFactory<DevOpsDbContext> contexts, ChangeFeed feed, TimeProvider time)
{
    /// <summary>Runs a write in a transaction that holds the fence, then tells the pages.</summary>
    /// <param name="fence">The turn that may write.</param>
    /// <param name="change">What the pages are told.</param>
    /// <param name="write">The write; it may be called again when the database went away in between.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public Task RunAsync(JobFence fence, Change change, Func<DevOpsDbContext, Task> write, CancellationToken cancellationToken) => RunAsync(
        fence,
        async db =>
        {
            await write(db);
            return change;
        },
        cancellationToken);

    /// <summary>The same for a write that itself says what the pages are told, or null for nothing.</summary>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public Task RunAsync(JobFence fence, Func<DevOpsDbContext, Task<Change?>> write, CancellationToken cancellationToken) => RunHoldingAsync(
        async db =>
        {
            await JobQueue.HoldAsync(db, fence, cancellationToken);
            return await write(db);
        },
        cancellationToken);

    /// <summary>The same for a write whose first statement holds the fence.</summary>
    /// <exception cref="LeaseLost">Another worker holds the job.</exception>
    public async Task RunHoldingAsync(Func<DevOpsDbContext, Task<Change?>> write, CancellationToken cancellationToken)
    {
        if (await DatabaseAway.OutlastAsync(() => TryAsync(write, cancellationToken), time, cancellationToken) is { } change)
        {
            feed.Publish(change);
        }
    }

    /// <summary>Reads, fenced by nothing; waits as a write does.</summary>
    public Task<T> ReadAsync<T>(Func<DevOpsDbContext, Task<T>> read, CancellationToken cancellationToken) => DatabaseAway.OutlastAsync(
        async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            return await read(db);
        },
        time,
        cancellationToken);

    private async Task<Change?> TryAsync(Func<DevOpsDbContext, Task<Change?>> write, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var change = await write(db);
        await transaction.CommitAsync(cancellationToken);
        return change;
    }
}
