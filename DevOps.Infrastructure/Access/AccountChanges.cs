using System.Collections.Concurrent;

namespace DevOps.Infrastructure.Access;

/// <summary>Says that an account is not what it was: roles, state, password, sessions, tokens.</summary>
/// <param name="Account">Its id; null when it may have been any.</param>
/// <param name="Here">Whether this process made the change.</param>
public sealed record AccountChange(Guid? Account, bool Here);

/// <summary>Tells who holds something open for an account (a page, a stream) to look again whether it may stay.</summary>
public sealed class AccountChanges
{
    private readonly ConcurrentDictionary<Subscription, byte> _subscriptions = new();

    /// <summary>Subscribes until the returned object is disposed.</summary>
    /// <param name="action">Called on the thread of the change; must return at once and not throw.</param>
    public IDisposable Subscribe(Action<AccountChange> action)
    {
        var subscription = new Subscription(this, action);
        _subscriptions[subscription] = 0;
        return subscription;
    }

    internal void Publish(AccountChange change)
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Action(change);
        }
    }

    private sealed class Subscription(AccountChanges changes, Action<AccountChange> action) : IDisposable
    {
        public Action<AccountChange> Action => action;

        public void Dispose() => changes._subscriptions.TryRemove(this, out _);
    }
}
