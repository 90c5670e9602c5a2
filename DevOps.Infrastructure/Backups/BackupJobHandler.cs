using DevOps.Core.Events;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Queue;

namespace DevOps.Infrastructure.Backups;

/// <summary>Makes one backup.</summary>
public sealed class BackupJobHandler(DatabaseDump dump, ChangeFeed feed) : IJobHandler
{
    internal const string KindWord = "backup";

    /// <inheritdoc/>
    public string Kind => KindWord;

    /// <inheritdoc/>
    public bool IsErrand => true;

    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobContext context)
    {
        await dump.WriteAsync(context.Stopping);
        feed.Publish(new Change(ChangeKind.Backup, context.Job.Id));
        return JobOutcome.Done;
    }

    internal static NewJob New() => new(KindWord, "{}") { LockKey = KindWord, MaxAttempts = 2 };
}
