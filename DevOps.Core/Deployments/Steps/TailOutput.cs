using System.Text;
using DevOps.Core.Logs;

namespace DevOps.Core.Deployments.Steps;

/// <summary>Passes output on and remembers its end, for the error that tells of a failure.</summary>
internal sealed class TailOutput(ILogOutput inner) : ILogOutput
{
    private const int Kept = 2048;
    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[Kept];
    private long _written;

    /// <summary>The last lines, at most eight.</summary>
    public string LastLines()
    {
        lock (_lock)
        {
            var length = (int)Math.Min(_written, Kept);
            var bytes = new byte[length];
            for (var i = 0; i < length; i++)
            {
                bytes[i] = _ring[(_written - length + i) % Kept];
            }

            var lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return string.Join('\n', lines.TakeLast(8));
        }
    }

    public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            foreach (var value in utf8.Span[Math.Max(0, utf8.Length - Kept)..])
            {
                _ring[_written++ % Kept] = value;
            }
        }

        return inner.WriteAsync(stream, utf8, cancellationToken);
    }

    public ValueTask SayAsync(string text, CancellationToken cancellationToken) => inner.SayAsync(text, cancellationToken);
}
