using System.Text;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Logs;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Logs;

/// <summary>Reads stored logs by line number.</summary>
public sealed class LogReader(LogStore store, IDbContextFactory<DevOpsDbContext> contexts, TimeProvider time)
{
    // In characters; the chunks of a read hold about as much.
    private const int PortionLength = 256 * 1024;

    // A run that died between its last state and the end of its log, and that nobody takes up again, is not waited for any longer than this.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>Says what there is to read.</summary>
    /// <exception cref="NotFound">There is no such deployment, or the actor may not see it.</exception>
    public async Task<LogHead> OpenAsync(Actor actor, long deploymentId, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        var row = await db.Deployments.AsNoTracking().Where(d => d.Id == deploymentId)
            .Select(d => new { d.ProjectId, d.Status, d.LogComplete, d.StartedAt, d.FinishedAt, Open = db.Jobs.Any(j => j.Id == d.JobId && (j.State == JobState.Available || j.State == JobState.Running)) })
            .SingleOrDefaultAsync(cancellationToken);
        if (row is null || !actor.May(Permission.ProjectRead, row.ProjectId))
        {
            throw new NotFound($"Deployment {deploymentId}");
        }

        var complete = row.LogComplete
            || (row.Status.IsFinal() && (row.StartedAt is null || (!row.Open && row.FinishedAt < time.GetUtcNow() - Grace)));
        return new LogHead(deploymentId, row.ProjectId, row.Status, complete);
    }

    /// <summary>Number of stored lines.</summary>
    public Task<long> CountAsync(long deploymentId, CancellationToken cancellationToken) =>
        store.LastLineAsync(deploymentId, cancellationToken);

    /// <summary>Reads lines by number.</summary>
    /// <param name="deploymentId">The deployment.</param>
    /// <param name="from">Number of the first line that is wanted.</param>
    /// <param name="count">Most lines.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<LogLine>> ReadAsync(long deploymentId, long from, int count, CancellationToken cancellationToken)
    {
        var lines = new List<LogLine>(Math.Min(count, 10_000));
        from = Math.Max(1, from);
        await foreach (var chunk in store.ReadAsync(deploymentId, from, from + count - 1, cancellationToken))
        {
            lines.AddRange(chunk.Lines(from).TakeWhile(l => l.N < from + count));
        }

        return lines;
    }

    /// <summary>Reads the next lines, as many as make a good portion: however long they are, a portion is not.</summary>
    /// <param name="deploymentId">The deployment.</param>
    /// <param name="from">Number of the first line that is wanted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The lines; none when there is nothing to read.</returns>
    public async Task<IReadOnlyList<LogLine>> NextAsync(long deploymentId, long from, CancellationToken cancellationToken)
    {
        var lines = new List<LogLine>();
        await foreach (var chunk in store.ReadAsync(deploymentId, from, long.MaxValue, cancellationToken))
        {
            lines.AddRange(chunk.Lines(from));
            if (lines.Sum(l => (long)l.Text.Length) >= PortionLength)
            {
                break;
            }
        }

        return lines;
    }

    /// <summary>Goes through the lines in order with constant memory.</summary>
    public async IAsyncEnumerable<LogLine> AllAsync(long deploymentId, LogFilter filter, long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var chunk in store.ReadAsync(deploymentId, from, long.MaxValue, cancellationToken))
        {
            foreach (var line in chunk.Lines(from).Where(filter.Takes))
            {
                yield return line;
            }
        }
    }

    /// <summary>Writes the log as plain text, a line break after each line, colours as they came. No connection to the database is held while the receiver is slow.</summary>
    public async Task WriteTextAsync(long deploymentId, LogFilter filter, Stream destination, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        await foreach (var chunk in store.ReadAsync(deploymentId, 1, long.MaxValue, cancellationToken))
        {
            foreach (var line in chunk.Lines().Where(filter.Takes))
            {
                text.Append(line.Text).Append('\n');
            }

            await destination.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
            text.Clear();
        }
    }

    /// <summary>Finds the line to look at first when a deployment failed: in its first failed step what reads like an error, else what came from standard error.</summary>
    /// <returns>Its number, or null when no step failed or it left no lines.</returns>
    public async Task<long?> FirstErrorAsync(long deploymentId, CancellationToken cancellationToken)
    {
        await using var db = contexts.CreateDbContext();
        var failed = await db.DeploymentSteps.AsNoTracking()
            .Where(s => s.DeploymentId == deploymentId && s.Status == StepStatus.Failed && s.FirstLine != null)
            .OrderBy(s => s.Position).Select(s => new { s.Name, s.Server, s.FirstLine }).FirstOrDefaultAsync(cancellationToken);
        if (failed is null)
        {
            return null;
        }

        LogLine? candidate = null;
        await foreach (var line in AllAsync(deploymentId, new LogFilter(failed.Name.ToString(), failed.Server), failed.FirstLine!.Value, cancellationToken))
        {
            if (line.Stream != LogStream.System && LogText.LooksLikeError(line.Text))
            {
                return line.N;
            }

            if (candidate is null || (candidate.Stream != LogStream.Err && line.Stream == LogStream.Err))
            {
                candidate = line;
            }
        }

        return candidate?.N;
    }
}

/// <summary>What there is to read of a log.</summary>
/// <param name="DeploymentId">The deployment.</param>
/// <param name="ProjectId">Its project.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Complete">Whether no further lines follow.</param>
public sealed record LogHead(long DeploymentId, long ProjectId, DeploymentStatus Status, bool Complete);
