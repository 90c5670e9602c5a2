using System.Buffers.Binary;
using System.Text;

namespace DevOps.Infrastructure.Logs;

/// <summary>Reads the numbers and texts of an unpacked chunk one after the other.</summary>
internal sealed class LogChunkReader(byte[] body)
{
    private int _at;

    public ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = body[_at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A chunk of the log is damaged.");
    }

    public long Time()
    {
        _at += sizeof(long);
        return BinaryPrimitives.ReadInt64LittleEndian(body.AsSpan(_at - sizeof(long)));
    }

    public string Text() => Text((int)Number());

    public string? OptionalText() => Number() is > 0 and var length ? Text((int)length - 1) : null;

    public void SkipText()
    {
        var length = (int)Number();
        _at += length;
    }

    private string Text(int length)
    {
        _at += length;
        return Encoding.UTF8.GetString(body, _at - length, length);
    }
}
