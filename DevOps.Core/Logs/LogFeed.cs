using System.Collections.Immutable;

namespace DevOps.Core.Logs;

/// <summary>Pushes stored batches to this process's followers. A courtesy: the rows are the truth, and who missed a push reads them.</summary>
public sealed class LogFeed
{
    private readonly Lock _gate = new();
    private ImmutableDictionary<long, ImmutableArray<LogSubscription>> _subscriptions = ImmutableDictionary<long, ImmutableArray<LogSubscription>>.Empty;

    /// <summary>Hands a batch to every subscriber of its deployment. Never waits for one. Publish after the commit.</summary>
    public void Publish(LogBatch batch)
    {
        if (_subscriptions.TryGetValue(batch.DeploymentId, out var subscribers))
        {
            foreach (var subscriber in subscribers)
            {
                subscriber.Push(batch);
            }
        }
    }

    /// <summary>Subscribes to one deployment until the returned object is disposed. Subscribe first, then read what exists, then drop repeats by number.</summary>
    public LogSubscription Subscribe(long deploymentId)
    {
        var subscription = new LogSubscription(s => Remove(deploymentId, s));
        lock (_gate)
        {
            var others = _subscriptions.GetValueOrDefault(deploymentId, []);
            _subscriptions = _subscriptions.SetItem(deploymentId, others.Add(subscription));
        }

        return subscription;
    }

    private void Remove(long deploymentId, LogSubscription subscription)
    {
        lock (_gate)
        {
            var left = _subscriptions.GetValueOrDefault(deploymentId, []).Remove(subscription);
            _subscriptions = left.IsEmpty ? _subscriptions.Remove(deploymentId) : _subscriptions.SetItem(deploymentId, left);
        }
    }
}
