using System.Text;
using DevOps.Core.Logs;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>A log that keeps the bytes of each stream, and says when a text has come.</summary>
public sealed class CapturedOutput : ILogOutput
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LogStream, MemoryStream> _streams = new() { [LogStream.Out] = new(), [LogStream.Err] = new(), [LogStream.System] = new() };
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    /// <summary>All of one stream.</summary>
    public byte[] Bytes(LogStream stream)
    {
        lock (_gate)
        {
            return _streams[stream].ToArray();
        }
    }

    /// <summary>The same as text.</summary>
    public string Text(LogStream stream = LogStream.Out) => Encoding.UTF8.GetString(Bytes(stream));

    /// <summary>Ends when standard output holds a text.</summary>
    public Task WaitForAsync(string text)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _awaited.Add((text, seen));
            Notify();
        }

        return seen.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _streams[stream].Write(utf8.Span);
            Notify();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask SayAsync(string text, CancellationToken cancellationToken) => WriteAsync(LogStream.System, Encoding.UTF8.GetBytes(text + "\n"), cancellationToken);

    private void Notify()
    {
        if (_awaited.Count > 0)
        {
            var text = Encoding.UTF8.GetString(_streams[LogStream.Out].ToArray());
            _awaited.Where(a => text.Contains(a.Text, StringComparison.Ordinal)).ToList().ForEach(a => a.Seen.TrySetResult());
        }
    }
}
