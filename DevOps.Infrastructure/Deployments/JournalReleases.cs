using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>The rows of releases that a deployment's journal reads and writes.</summary>
internal static class JournalReleases
{
    /// <summary>See <see cref="Release.DeployPart"/>.</summary>
    public static Task<string?> DeployPartAsync(DevOpsDbContext db, JournalScope scope, int number, CancellationToken cancellationToken) =>
        db.Releases.Where(r => r.ProjectId == scope.ProjectId && r.Number == number).Select(r => r.DeployPart).SingleOrDefaultAsync(cancellationToken);

    /// <summary>The newest release of a commit with the same build.</summary>
    public static Task<int?> FindAsync(DevOpsDbContext db, JournalScope scope, string sha, string buildFingerprint, CancellationToken cancellationToken) =>
        db.Releases.Where(r => r.ProjectId == scope.ProjectId && r.CommitSha == sha && r.BuildFingerprint == buildFingerprint)
            .OrderByDescending(r => r.Number).Select(r => (int?)r.Number).FirstOrDefaultAsync(cancellationToken);

    /// <summary>A release as it was built.</summary>
    public static Release Of(JournalScope scope, int number, SourceCommit commit, string buildFingerprint, Manifest manifest) => new()
    {
        ProjectId = scope.ProjectId,
        Number = number,
        CommitSha = commit.Sha,
        CommitMessage = commit.Message,
        CommitAuthor = commit.Author,
        CommitAt = commit.At == default ? null : commit.At,
        CommitRef = commit.Ref,
        BuildFingerprint = buildFingerprint,
        Sha256 = manifest.Hash(),
        SizeBytes = manifest.SizeBytes,
        Files = manifest.Entries.Count,
    };

    /// <summary>Gives the deployment the number of its own release, once.</summary>
    public static async Task<int> ReserveAsync(DevOpsDbContext db, JournalScope scope, CancellationToken cancellationToken)
    {
        var deployment = await db.Deployments.SingleAsync(d => d.Id == scope.DeploymentId, cancellationToken);
        if (deployment.ReservedRelease is null)
        {
            await db.Projects.Where(p => p.Id == scope.ProjectId).ExecuteUpdateAsync(set => set.SetProperty(p => p.LastRelease, p => p.LastRelease + 1), cancellationToken);
            deployment.ReservedRelease = await db.Projects.Where(p => p.Id == scope.ProjectId).Select(p => p.LastRelease).SingleAsync(cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
        }

        return deployment.ReservedRelease.Value;
    }

    /// <summary>Adds the deployment's own release, unless an earlier run did.</summary>
    public static async Task AddAsync(DevOpsDbContext db, JournalScope scope, Release release, CancellationToken cancellationToken)
    {
        if (!await db.Releases.AnyAsync(r => r.ProjectId == scope.ProjectId && r.Number == release.Number, cancellationToken))
        {
            db.Releases.Add(release);
            await db.SaveChangesAsync(cancellationToken);
        }

        await UseAsync(db, scope, release.Number, cancellationToken);
    }

    /// <summary>Gives the deployment a release that was there before.</summary>
    public static async Task ChooseAsync(DevOpsDbContext db, JournalScope scope, int number, string? deployPart, CancellationToken cancellationToken)
    {
        if (deployPart is not null)
        {
            // It may have been built before the project allowed the file. A commit has one file only, so this never changes what was there.
            await db.Releases.Where(r => r.ProjectId == scope.ProjectId && r.Number == number && r.DeployPart == null)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.DeployPart, deployPart), cancellationToken);
        }

        await UseAsync(db, scope, number, cancellationToken);
    }

    private static Task<int> UseAsync(DevOpsDbContext db, JournalScope scope, int number, CancellationToken cancellationToken) =>
        db.Deployments.Where(d => d.Id == scope.DeploymentId).ExecuteUpdateAsync(set => set.SetProperty(d => d.Release, number), cancellationToken);
}
