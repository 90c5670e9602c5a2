using System.Collections.Concurrent;

namespace DevOps.Core.Events;

/// <summary>Tells this process's live pages that something changed. A courtesy: the rows are the truth, and a page that missed a word reads again.
/// Publish after the commit, never inside the transaction.</summary>
public sealed class ChangeFeed
{
    private readonly ConcurrentDictionary<Subscription, byte> _subscriptions = new();

    /// <summary>Tells every subscriber. Never waits for one: a subscriber's action must only note the change and return.</summary>
    public void Publish(Change change)
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Tell(change);
        }
    }

    /// <summary>Subscribes until the returned object is disposed.</summary>
    /// <param name="action">Called on the publisher's thread; must return at once and not throw.</param>
    public IDisposable Subscribe(Action<Change> action)
    {
        var subscription = new Subscription(this, action);
        _subscriptions[subscription] = 0;
        return subscription;
    }

    private sealed class Subscription(ChangeFeed feed, Action<Change> action) : IDisposable
    {
        private volatile bool _disposed;

        public void Tell(Change change)
        {
            if (!_disposed)
            {
                action(change);
            }
        }

        public void Dispose()
        {
            _disposed = true;
            feed._subscriptions.TryRemove(this, out _);
        }
    }
}
