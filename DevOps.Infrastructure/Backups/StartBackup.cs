using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Backups;

/// <summary>Puts a backup into the queue.</summary>
public sealed class StartBackup(IDbContextFactory<DevOpsDbContext> contexts, JobQueue queue, AuditTrail audit, ChangeFeed feed)
{
    /// <summary>Asks for a backup now.</summary>
    /// <exception cref="Conflict"><c>running</c>: one is under way already.</exception>
    public async Task RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.SettingsEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Jobs.AnyAsync(j => j.Kind == BackupJobHandler.KindWord && (j.State == JobState.Available || j.State == JobState.Running), cancellationToken))
        {
            throw new Conflict("running", "A backup is under way already.");
        }

        audit.Add(db, actor, "backup.start", "backup", "Asked for a backup of the database.");
        await JobQueue.EnqueueAsync(db, BackupJobHandler.New(), cancellationToken);
        queue.Wake(BackupJobHandler.KindWord);
        feed.Publish(new Change(ChangeKind.Backup, 0));
    }
}
