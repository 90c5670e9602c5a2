using System.Buffers.Binary;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Docker;

/// <summary>Takes the engine's one stream apart into standard output and error: each frame is a head of 8 bytes (stream, three zeros, length big-endian) and its payload.
/// Heads and payloads may be cut anywhere by the transport.</summary>
public sealed class Demultiplexer
{
    private const int HeadLength = 8;

    private readonly byte[] _head = new byte[HeadLength];
    private int _headFilled;
    private uint _left;

    /// <summary>Whether the stream stands between two frames, where it may end.</summary>
    public bool AtFrameEnd => _headFilled == 0 && _left == 0;

    /// <summary>Takes a chunk and hands out the payload in it, in order.</summary>
    /// <exception cref="EngineUnavailable">This is not such a stream.</exception>
    public IEnumerable<(LogStream Stream, ReadOnlyMemory<byte> Payload)> Take(ReadOnlyMemory<byte> chunk)
    {
        while (!chunk.IsEmpty)
        {
            if (_left == 0)
            {
                chunk = chunk[FillHead(chunk.Span)..];
                continue;
            }

            var count = (int)Math.Min(_left, (uint)chunk.Length);
            _left -= (uint)count;
            yield return (_head[0] == 2 ? LogStream.Err : LogStream.Out, chunk[..count]);
            chunk = chunk[count..];
        }
    }

    private int FillHead(ReadOnlySpan<byte> chunk)
    {
        var count = Math.Min(HeadLength - _headFilled, chunk.Length);
        chunk[..count].CopyTo(_head.AsSpan(_headFilled));
        _headFilled += count;
        if (_headFilled == HeadLength)
        {
            if (_head[0] > 2 || _head[1] != 0 || _head[2] != 0 || _head[3] != 0)
            {
                throw new EngineUnavailable("The container engine's output stream is not in frames; something between us and the engine changes it.");
            }

            _left = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(4));
            _headFilled = 0;
        }

        return count;
    }
}
