using System.Collections.Concurrent;
using System.Threading.Channels;
using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Logs;

/// <summary>The log of one deployment, open for writing. Safe for several steps at once. Whatever was accepted is stored, in order, once;
/// while the database is away the writers wait as soon as the buffer is full.</summary>
public sealed class DeploymentLog : IAsyncDisposable
{
    private readonly ConcurrentDictionary<LogSource, LogOutput> _outputs = new();
    private readonly SemaphoreSlim _order = new(1, 1);
    private readonly SecretMasker _masker;
    private readonly LogWriter _writer;
    private readonly LogNumbering _numbering;
    private readonly string? _left;
    private readonly long _first;
    private readonly TimeProvider _time;

    internal DeploymentLog(SecretMasker masker, LogWriter writer, LogNumbering numbering, string? left, TimeProvider time)
    {
        _masker = masker;
        _writer = writer;
        _numbering = numbering;
        _left = left;
        _first = numbering.Next;
        _time = time;
    }

    /// <summary>Number that the next line gets: a step's first line.</summary>
    public long NextLine => _numbering.Next;

    /// <summary>Whether the last that an earlier attempt said was this text, and nothing was said since: then it need not be said again.</summary>
    public bool EndsWith(string text) => NextLine == _first && _left is not null && string.Equals(_left, _masker.Apply(text).TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);

    /// <summary>Hides the secrets of this deployment in a text that goes elsewhere: an error, a summary.</summary>
    public string Mask(string text) => _masker.Apply(text);

    /// <summary>The output of a step, on one server or on the platform.</summary>
    public ILogOutput For(string? step, string? server) =>
        _outputs.GetOrAdd(new LogSource(step, server), source => new LogOutput(this, source, _masker));

    /// <summary>Makes lines of what a step left without a line end.</summary>
    public ValueTask EndStepAsync(string? step, string? server, CancellationToken cancellationToken) =>
        _outputs.TryGetValue(new LogSource(step, server), out var output) ? output.EndAsync(cancellationToken) : ValueTask.CompletedTask;

    /// <summary>Makes lines of what was left without a line end and waits until everything accepted so far is stored. To be called when nobody writes any more.</summary>
    /// <exception cref="LogFenceLost">Another worker has the job.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var output in _outputs.Values)
        {
            await output.EndAsync(cancellationToken);
        }

        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await WriteAsync(new LogBlock([], 0, stored), cancellationToken);
        await stored.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Stores the rest and notes that no further lines follow. Only for a deployment that has come to its end.</summary>
    /// <exception cref="LogFenceLost">Another worker has the job.</exception>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await _writer.CompleteAsync(cancellationToken);
    }

    /// <summary>Ends the writing at once. What was not flushed is lost; whoever hands a deployment back flushes before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _order.Dispose();
        foreach (var output in _outputs.Values)
        {
            output.Dispose();
        }
    }

    internal async ValueTask AcceptAsync(LogSource source, LogStream stream, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        await _order.WaitAsync(cancellationToken);
        try
        {
            var block = _numbering.Number(source, stream, texts, _time.GetUtcNow());
            if (block.Lines.Count > 0)
            {
                await WriteAsync(block, cancellationToken);
                _numbering.Take(block);
            }
        }
        finally
        {
            _order.Release();
        }
    }

    private async ValueTask WriteAsync(LogBlock block, CancellationToken cancellationToken)
    {
        try
        {
            await _writer.Blocks.WriteAsync(block, cancellationToken);
        }
        catch (ChannelClosedException closed) when (closed.InnerException is LogFenceLost lost)
        {
            throw new LogFenceLost(lost);
        }
        catch (ChannelClosedException closed)
        {
            throw new IOException("The log cannot be written any more.", closed.InnerException ?? closed);
        }
    }
}
