using System.Text;
using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Logs;

/// <summary>Gives lines their numbers and holds the limit of a log. For one caller at a time.</summary>
internal sealed class LogNumbering(long next, long size, long maxBytes)
{
    // Beyond the limit the platform's own words are still kept: they say why a deployment failed.
    private const long RoomForSystem = 1024 * 1024;

    private long _next = next;
    private long _size = size;
    private bool _full = size >= maxBytes;

    /// <summary>Number of the next line.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>Numbers lines without taking the numbers yet; those beyond the limit are left out.</summary>
    public LogBlock Number(LogSource source, LogStream stream, IReadOnlyList<string> texts, DateTimeOffset at)
    {
        var lines = new List<LogLine>(texts.Count);
        var bytes = 0;
        foreach (var text in texts)
        {
            var length = Encoding.UTF8.GetByteCount(text) + 1;
            if (_size + bytes + length <= maxBytes || (stream == LogStream.System && _size + bytes + length <= maxBytes + RoomForSystem))
            {
                bytes += length;
                Add(source, stream, text);
            }
            else if (!_full)
            {
                _full = true;
                Add(source, LogStream.System, $"The log has reached its limit of {maxBytes / 1024 / 1024} MiB. Further output is not kept.");
            }
        }

        return new LogBlock(lines, bytes);

        void Add(LogSource from, LogStream kind, string text) =>
            lines.Add(new LogLine(_next + lines.Count, at, from.Step, from.Server, kind, text));
    }

    /// <summary>Takes the numbers of a block that was accepted.</summary>
    public void Take(LogBlock block)
    {
        _size += block.Bytes;
        Volatile.Write(ref _next, _next + block.Lines.Count);
    }
}

/// <summary>Where lines come from.</summary>
/// <param name="Step">Name of the step, or null.</param>
/// <param name="Server">Name of the server, or null.</param>
internal readonly record struct LogSource(string? Step, string? Server);
