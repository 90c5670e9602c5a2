using DevOps.Core.Deployments;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Settings;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

/// <summary>Files of releases beyond the limits; their rows stay as history. Never of one that is current or previous somewhere, or that a deployment waits to use.</summary>
internal sealed class OldReleases(IDbContextFactory<DevOpsDbContext> contexts, IArtifactStore artifacts, SettingsReader settings, TimeProvider time) : IHousekeeping
{
    public string Subject => "files of old releases";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var limits = (await settings.ReadAsync(cancellationToken)).Retention;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var removed = 0;
        foreach (var project in await db.Projects.Select(p => p.Id).ToListAsync(cancellationToken))
        {
            foreach (var number in await FindAsync(db, project, limits, cancellationToken))
            {
                if (await artifacts.ReadManifestAsync(project, number, cancellationToken) is not null)
                {
                    await artifacts.DeleteAsync(project, number, cancellationToken);
                    removed++;
                }
            }
        }

        return removed;
    }

    private async Task<List<int>> FindAsync(DevOpsDbContext db, long project, RetentionLimits limits, CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - TimeSpan.FromDays(limits.ReleaseDays);
        var old = await db.Releases.Where(r => r.ProjectId == project).OrderByDescending(r => r.Number)
            .Skip(Math.Max(1, limits.ReleasesPerProject)).Where(r => r.BuiltAt < oldest).Select(r => r.Number).ToListAsync(cancellationToken);
        if (old.Count == 0)
        {
            return old;
        }

        var final = Enum.GetValues<DeploymentStatus>().Where(s => s.IsFinal()).ToList();
        var environments = db.Environments.Where(e => e.ProjectId == project).Select(e => e.Id);
        var inUse = await db.Applications.Where(a => environments.Contains(a.EnvironmentId)).Select(a => (int?)a.Release)
            .Concat(db.Applications.Where(a => environments.Contains(a.EnvironmentId)).Select(a => a.PreviousRelease))
            .Concat(db.Deployments.Where(d => d.ProjectId == project && !final.Contains(d.Status)).Select(d => d.Release))
            .Concat(db.Deployments.Where(d => d.ProjectId == project && !final.Contains(d.Status)).Select(d => d.ReservedRelease))
            .ToListAsync(cancellationToken);
        return old.FindAll(n => !inUse.Contains(n));
    }
}
