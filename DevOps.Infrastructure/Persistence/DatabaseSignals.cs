using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace DevOps.Infrastructure.Persistence;

/// <summary>Short words between the processes of one installation, over LISTEN and NOTIFY. A courtesy, never the truth:
/// a word may be lost (the listener was reconnecting, the send failed), so a slow look at the rows belongs beneath every use.
/// Reaches the other processes only; the own process is told directly by whoever changed something.</summary>
public sealed class DatabaseSignals(NpgsqlDataSource database, TimeProvider time, ILogger<DatabaseSignals> logger) : BackgroundService
{
    // One channel for all words: subscribing needs no statement on the waiting connection.
    private const string Wire = "devops";
    private const int LongestWord = 1000;

    // NOTIFY serialises commits, so equal words of a few milliseconds become one.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(5);

    // And each is a commit that reaches the disk, so a stream of different ones goes out twenty times a second.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(45);

    // A dead line is noticed only when something is sent over it.
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly string _self = Guid.NewGuid().ToString("N")[..12];
    private readonly ConcurrentDictionary<Subscription, byte> _subscriptions = new();
    private readonly Channel<bool> _pendingChanged = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private HashSet<string> _pending = [];
    private TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Subscribes to a channel until the returned object is disposed.</summary>
    /// <param name="channel">One word without spaces.</param>
    /// <param name="handler">Called on the listener's thread; must return at once. The payload is <see langword="null"/> when the line was
    /// (re)opened: something may have been missed, so look again.</param>
    public IDisposable On(string channel, Action<string?> handler)
    {
        var subscription = new Subscription(this, channel, handler);
        _subscriptions[subscription] = 0;
        return subscription;
    }

    /// <summary>Tells the other processes. Call after the commit. Never throws for the database's sake: a failure is logged.</summary>
    /// <param name="channel">One word without spaces.</param>
    /// <param name="payload">At most 1,000 characters.</param>
    /// <returns>Ends when the word was sent or given up; nobody has to wait for it.</returns>
    public Task NotifyAsync(string channel, string payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, LongestWord, nameof(payload));
        Task sent;
        lock (_gate)
        {
            _pending.Add($"{_self} {channel} {payload}");
            sent = _sent.Task;
        }

        _pendingChanged.Writer.TryWrite(true);
        return ExecuteTask is { IsCompleted: false } ? sent : Task.CompletedTask;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(ListenAsync(stoppingToken), SendAsync(stoppingToken));

    private async Task ListenAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await HearAsync(() => failures = 0, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                failures++;
                logger.LogWarning("Listening to the database broke off ({Reason}); trying again", exception.Message);
            }

            var pause = TimeSpan.FromMilliseconds(Math.Min(LongestPause.TotalMilliseconds, 100 * Math.Pow(2, failures)) * (0.5 + Random.Shared.NextDouble()));
            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task HearAsync(Action connected, CancellationToken stopping)
    {
        await using var connection = await database.OpenConnectionAsync(stopping);
        connection.Notification += (_, word) => Hear(word.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {Wire}", connection) { CommandTimeout = 5 })
        {
            await listen.ExecuteNonQueryAsync(stopping);
        }

        connected();
        TellAll();
        await using var probe = new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = 5 };
        while (true)
        {
            if (!await connection.WaitAsync(ProbeEvery, stopping))
            {
                await probe.ExecuteNonQueryAsync(stopping);
            }
        }
    }

    private async Task SendAsync(CancellationToken stopping)
    {
        try
        {
            while (await _pendingChanged.Reader.ReadAsync(stopping))
            {
                await Task.Delay(Gather, time, stopping);
                await FlushAsync(stopping);
                await Task.Delay(Rest, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was said while the house closed (jobs handed back) still goes out.
            using var limit = new CancellationTokenSource(LastWords, time);
            await FlushAsync(limit.Token);
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        HashSet<string> words;
        TaskCompletionSource sent;
        lock (_gate)
        {
            (words, _pending) = (_pending, []);
            (sent, _sent) = (_sent, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            await using var command = database.CreateCommand("SELECT pg_notify($1, word) FROM unnest($2) AS word");
            command.CommandTimeout = 5;
            command.Parameters.AddWithValue(Wire);
            command.Parameters.AddWithValue(words.ToArray());
            if (words.Count > 0)
            {
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch (Exception exception)
        {
            logger.LogWarning("{Count} words to the other processes were not sent ({Reason}); they find out by looking", words.Count, exception.Message);
        }
        finally
        {
            sent.TrySetResult();
        }
    }

    private void Hear(string wire)
    {
        if (wire.Split(' ', 3) is [var sender, var channel, var payload] && !string.Equals(sender, _self, StringComparison.Ordinal))
        {
            foreach (var subscription in _subscriptions.Keys.Where(s => string.Equals(s.Channel, channel, StringComparison.Ordinal)))
            {
                Tell(subscription, payload);
            }
        }
    }

    private void TellAll()
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            Tell(subscription, payload: null);
        }
    }

    private void Tell(Subscription subscription, string? payload)
    {
        try
        {
            subscription.Handler(payload);
        }
        catch (Exception exception)
        {
            // One bad subscriber must not end the listening of the others.
            logger.LogError(exception, "A subscriber of {Channel} failed", subscription.Channel);
        }
    }

    private sealed class Subscription(DatabaseSignals signals, string channel, Action<string?> handler) : IDisposable
    {
        public string Channel => channel;

        public Action<string?> Handler => handler;

        public void Dispose() => signals._subscriptions.TryRemove(this, out _);
    }
}
