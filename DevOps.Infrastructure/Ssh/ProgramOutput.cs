using System.Buffers.Text;
using System.Text;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Takes what a program printed out of a stream: from the mark with which it began to the one that carries its exit code. What a shell says before (a greeting, a warning about
/// its language) is kept back, and given only when no program began. Bytes that cannot belong to the last mark are passed on at once.</summary>
internal sealed class ProgramOutput(string marker)
{
    // Nobody greets for longer: what comes is passed on, and met by the limits of whoever reads it.
    private const int LongestGreeting = 64 * 1024;

    private readonly byte[] _start = Encoding.ASCII.GetBytes(marker + "\n");
    private readonly byte[] _marker = Encoding.ASCII.GetBytes(marker + ":");
    private byte[] _held = [];
    private bool _started;
    private bool _found;

    /// <summary>The exit code, once it was read.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Takes bytes in and gives those that belong to the output.</summary>
    public ReadOnlyMemory<byte> Feed(ReadOnlyMemory<byte> chunk)
    {
        if (ExitCode is not null)
        {
            return default;
        }

        var all = _held.Length == 0 ? chunk : (byte[])[.. _held, .. chunk.Span];
        if (!_started)
        {
            var start = all.Span.IndexOf(_start);
            if (start < 0 && all.Length <= LongestGreeting)
            {
                _held = all.ToArray();
                return default;
            }

            _started = true;
            _held = [];
            all = start < 0 ? all : all[(start + _start.Length)..];
        }

        if (_found)
        {
            ReadCode(all);
            return default;
        }

        var at = all.Span.IndexOf(_marker);
        if (at >= 0)
        {
            _found = true;
            ReadCode(all[(at + _marker.Length)..]);
            return all[..at];
        }

        var hold = PartialMarker(all.Span);
        _held = all[^hold..].ToArray();
        return all[..^hold];
    }

    /// <summary>What was held back when the stream ended without a code.</summary>
    public ReadOnlyMemory<byte> Rest() => _found ? default : _held;

    private void ReadCode(ReadOnlyMemory<byte> bytes)
    {
        var end = bytes.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            _held = bytes.ToArray();
        }
        else if (Utf8Parser.TryParse(bytes.Span[..end], out int code, out _))
        {
            ExitCode = code;
        }
    }

    private int PartialMarker(ReadOnlySpan<byte> bytes)
    {
        for (var length = Math.Min(bytes.Length, _marker.Length - 1); length > 0; length--)
        {
            if (bytes[^length..].SequenceEqual(_marker.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
