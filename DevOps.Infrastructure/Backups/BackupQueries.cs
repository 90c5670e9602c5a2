using DevOps.Core.Access;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Backups;

/// <summary>Which backups there are, and how the last one went.</summary>
public sealed class BackupQueries(IDbContextFactory<DevOpsDbContext> contexts, DatabaseDump dump)
{
    /// <summary>Reads both.</summary>
    public async Task<BackupsView> GetAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.SettingsEdit);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var last = await db.Jobs.AsNoTracking().Where(j => j.Kind == BackupJobHandler.KindWord).OrderByDescending(j => j.Id).FirstOrDefaultAsync(cancellationToken);
        return new BackupsView(
            [.. dump.Files.Select(f => new BackupFile(f.Name, f.Length, new DateTimeOffset(f.LastWriteTimeUtc)))],
            last is { State: JobState.Available or JobState.Running },
            last?.Error);
    }
}

/// <summary>The backups.</summary>
/// <param name="Items">The files, newest first.</param>
/// <param name="Running">Whether one is under way.</param>
/// <param name="LastError">Why the last one did not succeed; null when it did.</param>
public sealed record BackupsView(IReadOnlyList<BackupFile> Items, bool Running, string? LastError);

/// <summary>One backup.</summary>
/// <param name="Name">Its file in the folder <c>backups</c> of the data folder.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="At">When it was finished.</param>
public sealed record BackupFile(string Name, long SizeBytes, DateTimeOffset At);
