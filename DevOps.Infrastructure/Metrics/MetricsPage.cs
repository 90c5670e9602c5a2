using DevOps.Core.Deployments;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Metrics;

/// <summary>Puts together what Prometheus reads: what the process measured, and the queue and the open deployments as they are in the database.</summary>
public sealed class MetricsPage(MetricsCollector collector, IDbContextFactory<DevOpsDbContext> contexts, JobHandlers handlers, PlatformOptions platform, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Makes the text. A database that is away leaves its part out and is said to be down.</summary>
    public async Task<string> WriteAsync(CancellationToken cancellationToken)
    {
        var text = new PrometheusText();
        collector.Write(text);
        WriteProcess(text);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var up = true;
        try
        {
            await WriteDatabaseAsync(text, limit.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && (DatabaseAway.Is(e) || limit.IsCancellationRequested))
        {
            up = false;
        }

        text.Gauge("devops_database_up", "Whether the database answered.", [("", up ? 1 : 0)]);
        return text.ToString();
    }

    private void WriteProcess(PrometheusText text)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var version = typeof(MetricsPage).Assembly.GetName().Version?.ToString(3) ?? "";
        text.Gauge("devops_build_info", "The version that runs.", [($"version=\"{version}\"", 1)]);
        text.Gauge("devops_runners", "Deployments that may run at once here.", [("", platform.IsWorker ? platform.RunnerCount : 0)]);
        text.Gauge("process_start_time_seconds", "Start of the process since 1970.", [("", new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0)]);
        text.Gauge("process_resident_memory_bytes", "Memory in use.", [("", process.WorkingSet64)]);
        text.Gauge("process_open_fds", "Open files and sockets.", [("", Directory.Exists("/proc/self/fd") ? Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() : 0)]);
    }

    private async Task WriteDatabaseAsync(PrometheusText text, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var jobs = await db.Jobs.Where(j => j.State == JobState.Available || j.State == JobState.Running)
            .GroupBy(j => new { j.Kind, j.State, Due = j.RunAfter <= now }).Select(g => new { g.Key.Kind, g.Key.State, g.Key.Due, Count = g.LongCount() }).ToListAsync(cancellationToken);
        var known = handlers.Kinds(errands: true).Concat(handlers.Kinds(errands: false)).ToHashSet(StringComparer.Ordinal);
        text.Gauge(
            "devops_queue_jobs",
            "Jobs in the queue.",
            jobs.GroupBy(j => (Kind: known.Contains(j.Kind) ? j.Kind : "other", State: j.State == JobState.Running ? "running" : j.Due ? "available" : "scheduled"))
                .Select(g => ($"kind=\"{g.Key.Kind}\",state=\"{g.Key.State}\"", (double)g.Sum(j => j.Count))));
        DeploymentStatus[] open = [DeploymentStatus.PendingApproval, DeploymentStatus.Queued, DeploymentStatus.Running];
        var counts = await db.Deployments.Where(d => open.Contains(d.Status)).GroupBy(d => d.Status).Select(g => new { g.Key, Count = g.LongCount() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
        text.Gauge("devops_deployments", "Deployments that are not over.", open.Select(s => ($"status=\"{Json.Word(s)}\"", (double)counts.GetValueOrDefault(s))));
    }
}
