using DevOps.Core.Logs;
using DevOps.Core.Queue;
using DevOps.Core.Secrets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Logs;

/// <summary>Opens the log of a deployment for writing.</summary>
public sealed class DeploymentLogs(LogStore store, LogReader reader, LogPublisher publisher, IOptions<LogOptions> options, TimeProvider time, ILogger<DeploymentLog> logger)
{
    /// <summary>Opens the log. It goes on after the last line that an earlier attempt stored.</summary>
    /// <param name="deploymentId">The deployment.</param>
    /// <param name="secrets">Everything that must never be read in it.</param>
    /// <param name="fence">The job under which is written: who no longer holds it cannot write. Null only where no job is involved.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    public async Task<DeploymentLog> OpenAsync(long deploymentId, IEnumerable<Sensitive> secrets, JobFence? fence, CancellationToken cancellationToken)
    {
        var last = await store.LastLineAsync(deploymentId, cancellationToken);
        var size = last == 0 ? 0 : await store.SizeAsync(deploymentId, cancellationToken);
        var writer = new LogWriter(deploymentId, fence, new LogWriterParts(store, publisher, options.Value, time, logger));
        var left = last == 0 ? null : (await reader.ReadAsync(deploymentId, last, 1, cancellationToken)) is [var line] ? line.Text : null;
        return new DeploymentLog(new SecretMasker(secrets), writer, new LogNumbering(last + 1, size, options.Value.MaxBytes), left, time);
    }
}
