using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Deployments.Steps;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Reads deployments for pages and the HTTP interface.</summary>
public sealed class DeploymentQueries(IDbContextFactory<DevOpsDbContext> contexts, WaitingWords waiting)
{
    /// <summary>One page of deployments that the actor may see, newest first.</summary>
    public async Task<Listing<DeploymentSummary>> ListAsync(Actor actor, DeploymentFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (total, ids) = await DeploymentList.FindAsync(db, actor, filter, page, cancellationToken);
        var found = await (
            from d in db.Deployments.AsNoTracking()
            join p in db.Projects on d.ProjectId equals p.Id
            join e in db.Environments on d.EnvironmentId equals e.Id
            where ids.Contains(d.Id)
            orderby d.Id descending
            select new { Deployment = d, Project = p.Key, Environment = e.Name }).ToListAsync(cancellationToken);
        var items = new List<DeploymentSummary>(found.Count);
        foreach (var row in found)
        {
            items.Add(Summary(row.Deployment, row.Project, row.Environment, await waiting.OfAsync(db, row.Deployment, cancellationToken)));
        }

        return new Listing<DeploymentSummary>(items, page.Page, page.PageSize, total);
    }

    /// <summary>One deployment with servers and steps.</summary>
    /// <exception cref="NotFound">There is none, or the actor may not see it.</exception>
    public async Task<DeploymentDetail> GetAsync(Actor actor, long id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (deployment, project, environment) = await DeploymentLookup.FindAsync(db, actor, id, cancellationToken);
        var approvals = await db.Approvals.AsNoTracking().Where(a => a.DeploymentId == id).OrderBy(a => a.Id).ToListAsync(cancellationToken);
        var steps = await db.DeploymentSteps.AsNoTracking().Where(s => s.DeploymentId == id).OrderBy(s => s.Position).ToListAsync(cancellationToken);
        var config = (await db.DeploymentConfigs.AsNoTracking().SingleOrDefaultAsync(c => c.DeploymentId == id, cancellationToken))?.Config;
        if (steps.Count == 0)
        {
            steps = Planned(deployment);
        }

        var summary = Summary(deployment, project, environment, await waiting.OfAsync(db, deployment, cancellationToken));
        return new DeploymentDetail
        {
            Id = summary.Id,
            Project = summary.Project,
            Environment = summary.Environment,
            Status = summary.Status,
            Release = summary.Release,
            Trigger = summary.Trigger,
            RequestedBy = summary.RequestedBy,
            Commit = summary.Commit,
            Note = summary.Note,
            CreatedAt = summary.CreatedAt,
            StartedAt = summary.StartedAt,
            FinishedAt = summary.FinishedAt,
            Error = summary.Error,
            WaitingFor = summary.WaitingFor,
            Rollback = summary.Rollback,
            Servers = [.. deployment.Servers.OrderBy(s => s.Position).Select(s => new DeploymentServerView(s.Name, s.Status, s.Release, s.PreviousRelease, StoredError.Of(s.ErrorSentence, s.Error), s.PassedOver))],
            Approvals = [.. approvals.Select(a => new ApprovalView(a.By, a.Decision, a.At, a.Comment))],
            ApprovalsRequired = deployment.ApprovalsRequired,
            ApprovalRole = deployment.ApprovalRole,
            ApprovalExpiresAt = deployment.ApprovalExpiresAt,
            Pause = deployment.Status == DeploymentStatus.Running ? deployment.Pause : RolloutPause.None,
            Config = config is null ? null : new ConfigView(config.Build, config.Deploy),
            ConfigSource = config?.Source ?? ConfigSource.Project,
            Steps = [.. steps.Select(s => new DeploymentStepView(s.Name, s.Server, s.Status, s.StartedAt, s.FinishedAt, s.ExitCode, s.FirstLine))],
        };
    }

    // It was not taken up, or never will be.
    private static List<DeploymentStep> Planned(Deployment deployment)
    {
        var steps = StepPlan.Of(deployment.Servers.OrderBy(s => s.Position).Select(s => s.Name));
        steps.ForEach(s => s.Status = deployment.Status.IsFinal() ? StepStatus.Skipped : StepStatus.Pending);
        return steps;
    }

    /// <summary>How long the last successful deployments of the same environment took (median of ten), or null when there were none.</summary>
    public async Task<TimeSpan?> UsualDurationAsync(Actor actor, long id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (deployment, _, _) = await DeploymentLookup.FindAsync(db, actor, id, cancellationToken);
        var last = await db.Deployments.AsNoTracking()
            .Where(d => d.EnvironmentId == deployment.EnvironmentId && d.Id < id && d.Status == DeploymentStatus.Succeeded && d.StartedAt != null && d.FinishedAt != null)
            .OrderByDescending(d => d.Id).Take(10).Select(d => new { d.StartedAt, d.FinishedAt }).ToListAsync(cancellationToken);
        var durations = last.Select(d => d.FinishedAt!.Value - d.StartedAt!.Value).Order().ToList();
        return durations.Count == 0 ? null : durations[durations.Count / 2];
    }

    private static DeploymentSummary Summary(Deployment d, string project, string environment, Sentence? waitingFor) => new()
    {
        Id = d.Id,
        Project = project,
        Environment = environment,
        Status = d.Status,
        Release = d.Release,
        Trigger = d.Trigger,
        RequestedBy = d.RequestedBy,
        Commit = new CommitView(d.CommitSha, d.CommitMessage, d.CommitAuthor, d.CommitRef ?? (d.RequestedRef.Length > 0 ? d.RequestedRef : null)),
        Note = d.Note,
        CreatedAt = d.CreatedAt,
        StartedAt = d.StartedAt,
        FinishedAt = d.FinishedAt,
        Error = StoredError.Of(d.ErrorSentence, d.Error),
        WaitingFor = waitingFor,
        Rollback = d.Rollback,
    };
}
