using System.Collections.Concurrent;
using System.Globalization;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Queue;

/// <summary>Wakes the workers of this process at once and those of other processes over the database. A hint only: the slow poll is the truth.</summary>
public sealed class JobSignal : IDisposable
{
    private const string NewChannel = "jobs";
    private const string CancelChannel = "jobs-cancel";

    private readonly ConcurrentDictionary<Listener<IReadOnlyCollection<string>>, byte> _sleepers = new();
    private readonly ConcurrentDictionary<Listener<long>, byte> _holders = new();
    private readonly ConcurrentDictionary<string, byte> _busyKeys = new(StringComparer.Ordinal);
    private readonly DatabaseSignals _signals;
    private readonly IDisposable[] _subscriptions;

    public JobSignal(DatabaseSignals signals)
    {
        _signals = signals;
        _subscriptions = [signals.On(NewChannel, kind => WakeHere(kind is { Length: > 0 } ? kind : null)), signals.On(CancelChannel, HearCancel)];
    }

    /// <summary>There may be something to take of a kind, or of any when none is named: for this process and the others.</summary>
    public void Wake(string? kind = null)
    {
        WakeHere(kind);
        _ = _signals.NotifyAsync(NewChannel, kind ?? "");
    }

    /// <summary>There may be something to take of a kind and a lock key. While a job of the key runs in this process nobody can take another: the end of that one wakes.</summary>
    public void WakeFor(string kind, string lockKey)
    {
        if (!_busyKeys.ContainsKey(lockKey))
        {
            Wake(kind);
        }
    }

    /// <summary>Calls <paramref name="wake"/> when there may be something to take of one of the kinds, until disposed.</summary>
    public IDisposable OnWake(IReadOnlyCollection<string> kinds, Action wake) => new Listener<IReadOnlyCollection<string>>(_sleepers, kinds, wake);

    /// <summary>A job was taken here. Nothing is said for its lock key until <see cref="Left"/>.</summary>
    public void Took(Job job)
    {
        if (job.LockKey is { } key)
        {
            _busyKeys[key] = 0;
        }
    }

    /// <summary>The turn of a job is over here, and written down: what waits for its key or for a free slot may be taken.</summary>
    public void Left(Job job)
    {
        if (job.LockKey is { } key)
        {
            _busyKeys.TryRemove(key, out _);
        }

        WakeHere(job.Kind);
    }

    /// <summary>Whoever holds the job should look at it: it was cancelled.</summary>
    public void WakeHolder(long jobId)
    {
        TellHolders(jobId);
        _ = _signals.NotifyAsync(CancelChannel, jobId.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Calls <paramref name="look"/> when the job may have been cancelled, until disposed.</summary>
    internal IDisposable OnCancel(long jobId, Action look) => new Listener<long>(_holders, jobId, look);

    public void Dispose() => Array.ForEach(_subscriptions, s => s.Dispose());

    private void WakeHere(string? kind)
    {
        foreach (var sleeper in _sleepers.Keys.Where(s => kind is null || s.Topic.Contains(kind, StringComparer.Ordinal)))
        {
            sleeper.Tell();
        }
    }

    private void HearCancel(string? payload)
    {
        if (payload is null)
        {
            TellHolders(jobId: null);
        }
        else if (long.TryParse(payload, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            TellHolders(id);
        }
    }

    private void TellHolders(long? jobId)
    {
        foreach (var holder in _holders.Keys.Where(h => jobId is null || h.Topic == jobId))
        {
            holder.Tell();
        }
    }

    private sealed class Listener<T> : IDisposable
    {
        private readonly ConcurrentDictionary<Listener<T>, byte> _all;

        public Listener(ConcurrentDictionary<Listener<T>, byte> all, T topic, Action tell)
        {
            (_all, Topic, Tell) = (all, topic, tell);
            all[this] = 0;
        }

        public T Topic { get; }

        public Action Tell { get; }

        public void Dispose() => _all.TryRemove(this, out _);
    }
}
