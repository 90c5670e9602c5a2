using System.Collections.Concurrent;
using System.Globalization;
using DevOps.Infrastructure.Persistence;

namespace DevOps.Infrastructure.Queue;

/// <summary>Wakes the worker of this process at once and those of other processes over the database. A hint only: the slow poll is the truth.</summary>
public sealed class JobSignal : IDisposable
{
    private const string NewChannel = "jobs";
    private const string CancelChannel = "jobs-cancel";

    private readonly Bell _wake = new();
    private readonly ConcurrentDictionary<Holder, byte> _holders = new();
    private readonly DatabaseSignals _signals;
    private readonly IDisposable[] _subscriptions;

    public JobSignal(DatabaseSignals signals)
    {
        _signals = signals;
        _subscriptions = [signals.On(NewChannel, _ => WakeHere()), signals.On(CancelChannel, HearCancel)];
    }

    /// <summary>There may be something to take, for this process and the others.</summary>
    public void Wake()
    {
        WakeHere();
        _ = _signals.NotifyAsync(NewChannel, "");
    }

    /// <summary>There may be something to take for this process.</summary>
    public void WakeHere() => _wake.Ring();

    /// <summary>Whoever holds the job should look at it: it was cancelled.</summary>
    public void WakeHolder(long jobId)
    {
        TellHolders(jobId);
        _ = _signals.NotifyAsync(CancelChannel, jobId.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Waits until woken, at most the given time.</summary>
    internal Task WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken) => _wake.WaitAsync(longest, time, cancellationToken);

    /// <summary>Calls <paramref name="look"/> when the job may have been cancelled, until disposed.</summary>
    internal IDisposable OnCancel(long jobId, Action look)
    {
        var holder = new Holder(this, jobId, look);
        _holders[holder] = 0;
        return holder;
    }

    public void Dispose() => Array.ForEach(_subscriptions, s => s.Dispose());

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
        foreach (var holder in _holders.Keys.Where(h => jobId is null || h.JobId == jobId))
        {
            holder.Look();
        }
    }

    private sealed class Holder(JobSignal signal, long jobId, Action look) : IDisposable
    {
        public long JobId => jobId;

        public Action Look => look;

        public void Dispose() => signal._holders.TryRemove(this, out _);
    }
}
