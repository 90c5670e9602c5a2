using System.Threading.Channels;
using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Applications;

/// <summary>Makes masked, numbered lines of what a command prints. A reader that is slow makes the command wait.</summary>
internal sealed class RuntimeLogOutput(SecretMasker masker, ChannelWriter<IReadOnlyList<LogLine>> batches, string server, TimeProvider time) : ILogOutput, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly LineSplitter _out = new(masker);
    private readonly LineSplitter _err = new(masker);
    private long _last;

    public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken) => AddAsync(
        stream,
        lines => (stream == LogStream.Err ? _err : _out).Write(utf8.Span, lines),
        cancellationToken);

    public ValueTask SayAsync(string text, CancellationToken cancellationToken) => AddAsync(
        LogStream.System,
        lines => lines.AddRange(masker.Apply(text).Split('\n')),
        cancellationToken);

    /// <summary>Makes lines of what was left without a line end.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        await AddAsync(LogStream.Out, _out.End, cancellationToken);
        await AddAsync(LogStream.Err, _err.End, cancellationToken);
    }

    public void Dispose() => _gate.Dispose();

    private async ValueTask AddAsync(LogStream stream, Action<List<string>> make, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var texts = new List<string>();
            make(texts);
            if (texts.Count > 0)
            {
                var now = time.GetUtcNow();
                await batches.WriteAsync([.. texts.Select(t => new LogLine(++_last, now, null, server, stream, t))], cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }
}
