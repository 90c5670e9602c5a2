using System.Threading.Channels;
using DevOps.Core.Logs;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Metrics;
using DevOps.Infrastructure.Persistence;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Logs;

/// <summary>What a writer works with.</summary>
internal sealed record LogWriterParts(LogStore Store, LogPublisher Publisher, LogOptions Options, TimeProvider Time, ILogger Logger);

/// <summary>The single writer of one log: gathers batches, stores each as one row, then publishes it. A database that is away is waited for;
/// the bounded channel in front of it holds up the producers meanwhile.</summary>
internal sealed class LogWriter : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly long _deploymentId;
    private readonly JobFence? _fence;
    private readonly LogWriterParts _parts;
    private readonly Channel<LogBlock> _blocks;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<LogLine> _lines = [];
    private readonly List<TaskCompletionSource> _waiting = [];
    private readonly Task _running;
    private int _bytes;
    private long _lastStore;

    public LogWriter(long deploymentId, JobFence? fence, LogWriterParts parts)
    {
        _deploymentId = deploymentId;
        _fence = fence;
        _parts = parts;
        _blocks = Channel.CreateBounded<LogBlock>(new BoundedChannelOptions(parts.Options.Buffer) { SingleReader = true });
        _running = Task.Run(RunAsync);
    }

    public ChannelWriter<LogBlock> Blocks => _blocks.Writer;

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        _blocks.Writer.TryComplete();
        await _running.WaitAsync(cancellationToken);
        await PersistAsync(token => _parts.Store.CompleteAsync(_deploymentId, _fence, token), cancellationToken);
        _parts.Publisher.Publish(new LogBatch(_deploymentId, [], Complete: true));
    }

    public async ValueTask DisposeAsync()
    {
        _blocks.Writer.TryComplete();
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _blocks.Reader.WaitToReadAsync(_stop.Token))
            {
                await GatherAsync();
                await StoreAsync();
            }
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    // At once after a pause, so that a single line is not kept waiting; in a stream of lines not more often than the batch time.
    private async Task GatherAsync()
    {
        Drain();
        var rest = _parts.Options.BatchTime - _parts.Time.GetElapsedTime(_lastStore);
        if (IsFull || rest <= TimeSpan.Zero)
        {
            return;
        }

        using var due = new CancellationTokenSource(rest, _parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(due.Token, _stop.Token);
        try
        {
            while (!IsFull && await _blocks.Reader.WaitToReadAsync(either.Token))
            {
                Drain();
            }
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // The batch time is over: what came is stored.
        }
    }

    private bool IsFull => _bytes >= _parts.Options.BatchBytes || _waiting.Count > 0;

    private void Drain()
    {
        while (!IsFull && _blocks.Reader.TryRead(out var block))
        {
            _lines.AddRange(block.Lines);
            _bytes += block.Bytes;
            if (block.Stored is { } stored)
            {
                _waiting.Add(stored);
            }
        }
    }

    private async Task StoreAsync()
    {
        if (_lines.Count > 0)
        {
            var lines = _lines.ToArray();
            var chunk = new LogChunkRow(lines[0].N, lines.Length, LogChunkFormat.Encode(lines));
            _lastStore = _parts.Time.GetTimestamp();
            await PersistAsync(token => _parts.Store.InsertAsync(_deploymentId, _fence, chunk, token), _stop.Token);
            PlatformMeter.LogLines.Add(lines.Length);
            _parts.Publisher.Publish(new LogBatch(_deploymentId, lines, Complete: false));
            _lines.Clear();
            _bytes = 0;
        }

        _waiting.ForEach(w => w.TrySetResult());
        _waiting.Clear();
    }

    private async Task PersistAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                await action(cancellationToken);
                return;
            }
            catch (Exception exception) when (DatabaseAway.Is(exception) && !cancellationToken.IsCancellationRequested)
            {
                _parts.Logger.LogWarning("The log of deployment {DeploymentId} cannot be stored at the moment ({Reason}); trying again", _deploymentId, exception.Message);
            }

            await Task.Delay(pause, _parts.Time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private void Fail(Exception exception)
    {
        if (exception is not OperationCanceledException)
        {
            _parts.Logger.LogError(exception, "The log of deployment {DeploymentId} ends early", _deploymentId);
        }

        _blocks.Writer.TryComplete(exception);
        while (_blocks.Reader.TryRead(out var block))
        {
            if (block.Stored is { } stored)
            {
                _waiting.Add(stored);
            }
        }

        _waiting.ForEach(w => w.TrySetException(exception));
        _waiting.Clear();
    }
}
