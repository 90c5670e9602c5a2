using System.Collections.Concurrent;
using System.Globalization;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Carries a person's cancel to the runner: within the process at once, to other processes by a word over the database.
/// The row is the truth; a runner looks at it when it begins and every few seconds.</summary>
public sealed class CancelRequests : IDisposable
{
    private const string Channel = "cancel";
    private readonly ConcurrentDictionary<long, CancellationTokenSource> _running = new();
    private readonly DatabaseSignals _signals;
    private readonly JobSignal _workers;
    private readonly IDisposable _subscription;

    /// <summary>Listens to the other processes.</summary>
    public CancelRequests(DatabaseSignals signals, JobSignal workers)
    {
        (_signals, _workers) = (signals, workers);
        _subscription = signals.On(Channel, Heard);
    }

    /// <summary>Tells whoever runs a deployment to stop. Call after the commit.</summary>
    public void Tell(long deploymentId)
    {
        Fire(deploymentId);
        _ = _signals.NotifyAsync(Channel, deploymentId.ToString(CultureInfo.InvariantCulture));

        // Nobody runs one that was handed back: a worker takes it up to wind it up.
        _workers.Wake(DeploymentJob.Kind);
    }

    /// <summary>Registers a running deployment until the returned source is given to <see cref="Forget"/>.</summary>
    public CancellationTokenSource Register(long deploymentId) => _running[deploymentId] = new CancellationTokenSource();

    /// <summary>Ends a registration.</summary>
    public void Forget(long deploymentId)
    {
        if (_running.TryRemove(deploymentId, out var source))
        {
            source.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();

    private void Heard(string? payload)
    {
        if (long.TryParse(payload, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            Fire(id);
        }
    }

    private void Fire(long deploymentId)
    {
        if (_running.TryGetValue(deploymentId, out var source))
        {
            // Asynchronously: the listener's thread does not wait for what the runner's callbacks do.
            _ = source.CancelAsync();
        }
    }
}
