using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Schedules;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Schedules;

/// <summary>Asks for the deployment of a schedule that is due. Any number of processes may try at the same moment: one of them moves the row on, and that one asks.</summary>
public sealed class FireSchedule(
    IDbContextFactory<DevOpsDbContext> contexts,
    RequestDeployment request,
    ISourceRepository sources,
    RepositoryAccessReader repositories,
    ChangeFeed feed)
{
    private const int MaxResult = 1000;
    private static readonly TimeSpan LookLimit = TimeSpan.FromMinutes(2);

    /// <summary>Fires it when it is due and nobody else did.</summary>
    /// <param name="actor">The platform.</param>
    /// <param name="id">The schedule.</param>
    /// <param name="moment">Now, or when the clock meant to call (UTC).</param>
    /// <param name="cancellationToken">Ends the work; what was moved on stays so.</param>
    /// <returns>True when this call fired it.</returns>
    public async Task<bool> RunAsync(Actor actor, long id, DateTimeOffset moment, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await (
            from s in db.Schedules.AsNoTracking()
            join p in db.Projects.AsNoTracking() on s.ProjectId equals p.Id
            join e in db.Environments on s.EnvironmentId equals e.Id
            where s.Id == id && s.Enabled
            select new { Schedule = s, Project = p, Environment = e.Name }).SingleOrDefaultAsync(cancellationToken);
        if (found is null || !await TakeAsync(db, found.Schedule, moment, cancellationToken))
        {
            return false;
        }

        var (result, deployment) = await AskAsync(actor, db, found.Schedule, found.Project, found.Environment, cancellationToken);
        var text = Excerpt.Of(result, MaxResult);
        await db.Schedules.Where(s => s.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.LastResult, text).SetProperty(s => s.LastDeploymentId, s => deployment ?? s.LastDeploymentId), cancellationToken);
        feed.Publish(new Change(ChangeKind.Schedule, id, found.Project.Id));
        return true;
    }

    // What is due counts from the last time it fired or was changed: several times missed are one, and none is fired twice.
    private static async Task<bool> TakeAsync(DevOpsDbContext db, Schedule schedule, DateTimeOffset moment, CancellationToken cancellationToken)
    {
        var since = schedule.LastFiredAt > schedule.ChangedAt ? schedule.LastFiredAt.Value : schedule.ChangedAt;
        if (CronTimes.Next(schedule.Cron, schedule.TimeZone, since) is not { } due || due > moment)
        {
            return false;
        }

        return await db.Schedules.Where(s => s.Id == schedule.Id && s.Revision == schedule.Revision && s.LastFiredAt == schedule.LastFiredAt)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastFiredAt, moment), cancellationToken) == 1;
    }

    private async Task<(string Result, long? Deployment)> AskAsync(Actor actor, DevOpsDbContext db, Schedule schedule, Project project, string environment, CancellationToken cancellationToken)
    {
        try
        {
            if (schedule.OnlyIfChanged && await UnchangedAsync(db, schedule, project, cancellationToken) is { } sha)
            {
                return ($"Nothing new: {sha[..Math.Min(7, sha.Length)]} is deployed already.", null);
            }

            var wanted = new DeploymentRequest { Environment = environment, Ref = schedule.Ref.Length > 0 ? schedule.Ref : null };
            var ticket = await request.RunAsync(actor with { Name = schedule.Name }, project.Key, wanted, Trigger.Schedule, cancellationToken);
            return ($"Asked for deployment #{ticket.Id}.", ticket.Id);
        }
        catch (Exception e) when (e is Refusal or StepFailure)
        {
            return (e.Message, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ($"The repository did not answer within {LookLimit.TotalSeconds:0} seconds.", null);
        }
    }

    private async Task<string?> UnchangedAsync(DevOpsDbContext db, Schedule schedule, Project project, CancellationToken cancellationToken)
    {
        var last = await db.Deployments.Where(d => d.EnvironmentId == schedule.EnvironmentId && d.Status == DeploymentStatus.Succeeded)
            .OrderByDescending(d => d.FinishedAt).Select(d => d.CommitSha).FirstOrDefaultAsync(cancellationToken);
        if (last is null)
        {
            return null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LookLimit);
        var reference = schedule.Ref.Length > 0 ? schedule.Ref : project.Repository.Branch;
        var commit = await sources.ResolveAsync(await repositories.ReadAsync(project.Repository, limit.Token), reference, new Silence(), limit.Token);
        return string.Equals(commit.Sha, last, StringComparison.Ordinal) ? last : null;
    }

    // There is no deployment yet whose log could tell of the look.
    private sealed class Silence : ILogOutput
    {
        public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask SayAsync(string text, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
