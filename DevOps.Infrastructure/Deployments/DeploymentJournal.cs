using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;
using DevOps.Infrastructure.Logs;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Writes a runner's progress into the rows. Every write, and every read, is one of <see cref="FencedWrites"/>: it waits while the database is away.</summary>
public sealed class DeploymentJournal(
    JournalScope scope,
    DeploymentLog log,
    FencedWrites writes,
    TimeProvider time) : IDeploymentJournal
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(StepName, string?), StepStatus> _steps = [];
    private readonly Dictionary<string, ServerRecord> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DeploymentServer> _rows = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public RolloutRecord Rollout { get; private set; } = new(null, null, null);

    /// <inheritdoc/>
    public DeployConfig? Config { get; private set; }

    /// <summary>Reads what earlier runs wrote. Call once, before anything else.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var deployment = await AskAsync((db, token) => db.Deployments.AsNoTracking().Include(d => d.Steps).Include(d => d.Servers).SingleAsync(d => d.Id == scope.DeploymentId, token), cancellationToken);
        Config = (await AskAsync((db, token) => db.DeploymentConfigs.AsNoTracking().SingleOrDefaultAsync(c => c.DeploymentId == scope.DeploymentId, token), cancellationToken))?.Config;
        Rollout = new RolloutRecord(deployment.SoakUntil, deployment.ConfirmedBy, deployment.TakeBackBy);
        deployment.Steps.ForEach(s => _steps[(s.Name, s.Server)] = s.Status);
        foreach (var server in deployment.Servers)
        {
            _rows[server.Name] = server;
            _servers[server.Name] = new ServerRecord(server.Status, server.Switched, server.PreviousKnown, server.PreviousRelease, StoredError.Of(server.ErrorSentence, server.Error), server.PassedOver);
        }
    }

    /// <inheritdoc/>
    public StepStatus StatusOf(StepName step, string? server = null)
    {
        lock (_lock)
        {
            return _steps.GetValueOrDefault((step, server), StepStatus.Pending);
        }
    }

    /// <inheritdoc/>
    public ServerRecord ServerOf(string server)
    {
        lock (_lock)
        {
            return _servers[server];
        }
    }

    /// <inheritdoc/>
    public ILogOutput Log(StepName? step, string? server = null) => log.For(step is { } name ? Json.Word(name) : null, server);

    /// <inheritdoc/>
    public async Task StepStartedAsync(StepName step, string? server, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var line = log.NextLine;
        await WriteAsync(
            async db =>
            {
                var rows = await db.DeploymentSteps.Where(s => s.DeploymentId == scope.DeploymentId && s.Name == step && s.Server == server).ExecuteUpdateAsync(
                    set => set.SetProperty(s => s.Status, StepStatus.Running).SetProperty(s => s.StartedAt, s => s.Status == StepStatus.Running && s.FirstLine == null ? s.StartedAt : now).SetProperty(s => s.FinishedAt, (DateTimeOffset?)null)
                        .SetProperty(s => s.ExitCode, (int?)null).SetProperty(s => s.FirstLine, s => s.FirstLine ?? line),
                    cancellationToken);
                if (rows == 0)
                {
                    var last = await db.DeploymentSteps.Where(s => s.DeploymentId == scope.DeploymentId).MaxAsync(s => s.Position, cancellationToken);
                    db.DeploymentSteps.Add(new DeploymentStep { DeploymentId = scope.DeploymentId, Name = step, Server = server, Position = last + 1, Status = StepStatus.Running, StartedAt = now, FirstLine = line });
                    await db.SaveChangesAsync(cancellationToken);
                }
            },
            cancellationToken);
        Remember(step, server, StepStatus.Running);
    }

    /// <inheritdoc/>
    public async Task StepEndedAsync(StepName step, string? server, StepStatus status, int? exitCode, CancellationToken cancellationToken)
    {
        await log.EndStepAsync(Json.Word(step), server, cancellationToken);
        var now = time.GetUtcNow();
        await WriteAsync(
            db => db.DeploymentSteps.Where(s => s.DeploymentId == scope.DeploymentId && s.Name == step && s.Server == server).ExecuteUpdateAsync(
                set => set.SetProperty(s => s.Status, status).SetProperty(s => s.FinishedAt, s => s.StartedAt == null ? null : now).SetProperty(s => s.ExitCode, exitCode),
                cancellationToken),
            cancellationToken);
        Remember(step, server, status);
    }

    /// <inheritdoc/>
    public Task CommitFoundAsync(SourceCommit commit, CancellationToken cancellationToken) =>
        DeploymentAsync(
            set => set.SetProperty(d => d.CommitSha, commit.Sha).SetProperty(d => d.CommitMessage, commit.Message)
                .SetProperty(d => d.CommitAuthor, commit.Author).SetProperty(d => d.CommitRef, commit.Ref)
                .SetProperty(d => d.CommitAt, commit.At),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<DateTimeOffset> SoakBeganAsync(TimeSpan soak, CancellationToken cancellationToken)
    {
        var until = Rollout.SoakUntil ?? time.GetUtcNow() + soak;
        await DeploymentAsync(set => set.SetProperty(d => d.SoakUntil, d => d.SoakUntil ?? until), cancellationToken);
        Rollout = Rollout with { SoakUntil = until };
        return until;
    }

    /// <inheritdoc/>
    public Task PausedAsync(RolloutPause pause, CancellationToken cancellationToken) => DeploymentAsync(set => set.SetProperty(d => d.Pause, pause), cancellationToken);

    /// <inheritdoc/>
    public async Task ConfigFoundAsync(DeployConfig config, CancellationToken cancellationToken)
    {
        await WriteAsync(
            async db =>
            {
                await db.DeploymentConfigs.Where(c => c.DeploymentId == scope.DeploymentId).ExecuteDeleteAsync(cancellationToken);
                db.DeploymentConfigs.Add(new DeploymentConfig { DeploymentId = scope.DeploymentId, Config = config });
                await db.SaveChangesAsync(cancellationToken);
            },
            cancellationToken);
        Config = config;
    }

    /// <inheritdoc/>
    public Task<string?> DeployPartOfAsync(int release, CancellationToken cancellationToken) => AskAsync((db, token) => JournalReleases.DeployPartAsync(db, scope, release, token), cancellationToken);

    /// <inheritdoc/>
    public Task<int?> FindReleaseAsync(string sha, string buildFingerprint, CancellationToken cancellationToken) =>
        AskAsync((db, token) => JournalReleases.FindAsync(db, scope, sha, buildFingerprint, token), cancellationToken);

    /// <inheritdoc/>
    public async Task<int> ReserveReleaseAsync(CancellationToken cancellationToken)
    {
        var number = 0;
        await WriteAsync(async db => number = await JournalReleases.ReserveAsync(db, scope, cancellationToken), cancellationToken);
        return number;
    }

    /// <inheritdoc/>
    public Task ReleaseBuiltAsync(int number, SourceCommit commit, string buildFingerprint, Manifest manifest, CancellationToken cancellationToken)
    {
        var release = JournalReleases.Of(scope, number, commit, buildFingerprint, manifest);
        (release.DeployPart, release.BuiltAt) = (Config?.DeployPart, time.GetUtcNow());
        return WriteAsync(db => JournalReleases.AddAsync(db, scope, release, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReleaseChosenAsync(int number, CancellationToken cancellationToken) =>
        WriteAsync(db => JournalReleases.ChooseAsync(db, scope, number, Config?.DeployPart, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task ServerChangedAsync(string server, ServerStatus status, Sentence? error, CancellationToken cancellationToken)
    {
        var (text, sentence) = StoredError.Split(error?.Map(scope.Mask));
        await ServerAsync(server, set => set.SetProperty(s => s.Status, status).SetProperty(s => s.Error, text).SetProperty(s => s.ErrorSentence, sentence), cancellationToken);
        Remember(server, r => r with { Status = status, Error = sentence });
    }

    /// <inheritdoc/>
    public async Task PreviousFoundAsync(string server, int? previous, CancellationToken cancellationToken)
    {
        await ServerAsync(server, set => set.SetProperty(s => s.PreviousKnown, true).SetProperty(s => s.PreviousRelease, previous).SetProperty(s => s.Release, previous), cancellationToken);
        Remember(server, r => r with { PreviousKnown = true, Previous = previous });
    }

    /// <inheritdoc/>
    public async Task SwitchingAsync(string server, CancellationToken cancellationToken)
    {
        await ServerAsync(server, set => set.SetProperty(s => s.Switched, true), cancellationToken);
        Remember(server, r => r with { Switched = true });
    }

    /// <inheritdoc/>
    public async Task CurrentChangedAsync(string server, int release, bool? healthy, bool switched, CancellationToken cancellationToken)
    {
        var row = _rows[server];
        var previous = switched ? ServerOf(server).Previous : null;
        await WriteAsync(
            async db =>
            {
                await db.DeploymentServers.Where(s => s.Id == row.Id).ExecuteUpdateAsync(set => set.SetProperty(s => s.Release, release).SetProperty(s => s.Switched, switched), cancellationToken);
                if (row.ServerId is { } serverId)
                {
                    await WhatRuns.WriteAsync(db, scope, new Current(serverId, scope.PathOf(server), release, previous, healthy), time.GetUtcNow(), cancellationToken);
                }
            },
            cancellationToken);
        Remember(server, r => r with { Switched = switched });
    }

    private Task DeploymentAsync(Action<UpdateSettersBuilder<Deployment>> set, CancellationToken cancellationToken) =>
        WriteAsync(db => db.Deployments.Where(d => d.Id == scope.DeploymentId).ExecuteUpdateAsync(set, cancellationToken), cancellationToken);

    private Task ServerAsync(string server, Action<UpdateSettersBuilder<DeploymentServer>> set, CancellationToken cancellationToken) =>
        WriteAsync(db => db.DeploymentServers.Where(s => s.Id == _rows[server].Id).ExecuteUpdateAsync(set, cancellationToken), cancellationToken);

    private async Task<T> AskAsync<T>(Func<DevOpsDbContext, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, scope.Drop);
        return await writes.ReadAsync(db => ask(db, either.Token), either.Token);
    }

    private async Task WriteAsync(Func<DevOpsDbContext, Task> write, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, scope.Drop);
        await writes.RunAsync(scope.Fence, new Change(ChangeKind.Deployment, scope.DeploymentId, scope.ProjectId), write, either.Token);
    }

    private void Remember(StepName step, string? server, StepStatus status)
    {
        lock (_lock)
        {
            _steps[(step, server)] = status;
        }
    }

    private void Remember(string server, Func<ServerRecord, ServerRecord> change)
    {
        lock (_lock)
        {
            _servers[server] = change(_servers[server]);
        }
    }
}
