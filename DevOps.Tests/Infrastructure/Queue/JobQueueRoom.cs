using DevOps.Core.Queue;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Queue;

/// <summary>The queue of one process without a worker, and a kind of jobs that is nobody else's.</summary>
public abstract class JobQueueRoom(PostgresFixture postgres) : IAsyncLifetime
{
    private protected static CancellationToken None => CancellationToken.None;

    private protected PostgresFixture Postgres => postgres;

    private protected string Kind { get; } = Guid.NewGuid().ToString("N");

    private protected QueueProcess Process { get; private set; } = null!;

    public Task InitializeAsync()
    {
        Process = new QueueProcess(postgres.ConnectionString);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await Process.DisposeAsync();

    private protected static JobFence Fence(Job job) => new(job.Id, job.Attempt, job.LeasedBy!);
}
