using DevOps.Infrastructure.Queue;

namespace DevOps.Infrastructure.Retention;

internal sealed class OldJobs(JobCleaner cleaner) : IHousekeeping
{
    public string Subject => "finished jobs";

    public Task<int> RunAsync(CancellationToken cancellationToken) => cleaner.RunAsync(cancellationToken);
}
