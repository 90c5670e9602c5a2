using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Logs;

/// <summary>The bytes of a row of <c>log_chunks</c>: the only place that writes and reads them.</summary>
/// <remarks>
/// Byte 0: version (1). Byte 1: packing (0 none, 1 Brotli). Bytes 2 to 5: length of the unpacked body, little-endian. Then the body:
/// number of sources; per source step and server (length + 1, UTF-8; 0 for none); time of the first line (Unix, milliseconds, 8 bytes little-endian);
/// per line source * 3 + stream, milliseconds since the line before (zigzag), length of the text, text (UTF-8). All numbers are LEB128 unless said.
/// </remarks>
public static class LogChunkFormat
{
    /// <summary>Bytes before the body.</summary>
    public const int HeaderLength = 6;

    private const byte Version = 1;
    private const byte Plain = 0;
    private const byte Brotli = 1;

    // Below this, packing costs more than it saves.
    private const int WorthPacking = 512;
    private const int Quality = 1;
    private const int Window = 18;

    /// <summary>Packs lines that follow each other.</summary>
    public static byte[] Encode(IReadOnlyList<LogLine> lines)
    {
        var body = new ArrayBufferWriter<byte>(64 * 1024);
        var sources = Sources(lines, body);
        var at = lines[0].At.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteInt64LittleEndian(body.GetSpan(8), at);
        body.Advance(8);
        foreach (var line in lines)
        {
            var time = line.At.ToUnixTimeMilliseconds();
            Number(body, (ulong)((sources[(line.Step, line.Server)] * 3) + (int)line.Stream));
            Number(body, ZigZag(time - at));
            Text(body, line.Text, offset: 0);
            at = time;
        }

        return Pack(body.WrittenSpan);
    }

    /// <summary>Length of the unpacked body, from the first <see cref="HeaderLength"/> bytes.</summary>
    public static int BodyLength(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header[2..]);

    /// <summary>Unpacks the lines from a number on.</summary>
    /// <param name="payload">The stored bytes.</param>
    /// <param name="first">Number of the chunk's first line.</param>
    /// <param name="count">Number of its lines.</param>
    /// <param name="from">Lines before this number are passed over.</param>
    /// <exception cref="InvalidDataException">The bytes are of an unknown version or damaged.</exception>
    public static IEnumerable<LogLine> Decode(byte[] payload, long first, int count, long from = 0)
    {
        var reader = new LogChunkReader(Unpack(payload));
        var sources = new (string? Step, string? Server)[reader.Number()];
        for (var i = 0; i < sources.Length; i++)
        {
            sources[i] = (reader.OptionalText(), reader.OptionalText());
        }

        var at = reader.Time();
        for (var n = first; n < first + count; n++)
        {
            var key = (int)reader.Number();
            at += UnZigZag(reader.Number());
            if (n < from)
            {
                reader.SkipText();
                continue;
            }

            var (step, server) = sources[key / 3];
            yield return new LogLine(n, DateTimeOffset.FromUnixTimeMilliseconds(at), step, server, (LogStream)(key % 3), reader.Text());
        }
    }

    private static Dictionary<(string?, string?), int> Sources(IReadOnlyList<LogLine> lines, ArrayBufferWriter<byte> body)
    {
        var sources = new Dictionary<(string? Step, string? Server), int>();
        foreach (var line in lines)
        {
            sources.TryAdd((line.Step, line.Server), sources.Count);
        }

        Number(body, (ulong)sources.Count);
        foreach (var (step, server) in sources.OrderBy(s => s.Value).Select(s => s.Key))
        {
            Text(body, step, offset: 1);
            Text(body, server, offset: 1);
        }

        return sources;
    }

    private static byte[] Pack(ReadOnlySpan<byte> body)
    {
        var payload = new byte[HeaderLength + BrotliEncoder.GetMaxCompressedLength(body.Length)];
        payload[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(2), body.Length);
        if (body.Length >= WorthPacking && BrotliEncoder.TryCompress(body, payload.AsSpan(HeaderLength), out var packed, Quality, Window) && packed < body.Length)
        {
            payload[1] = Brotli;
            return payload[..(HeaderLength + packed)];
        }

        payload[1] = Plain;
        body.CopyTo(payload.AsSpan(HeaderLength));
        return payload[..(HeaderLength + body.Length)];
    }

    private static byte[] Unpack(byte[] payload)
    {
        if (payload.Length < HeaderLength || payload[0] != Version)
        {
            throw new InvalidDataException("A chunk of the log has an unknown format. It was written by a newer version of the platform, or it is damaged.");
        }

        if (payload[1] == Plain)
        {
            return payload[HeaderLength..];
        }

        var body = new byte[BodyLength(payload)];
        return BrotliDecoder.TryDecompress(payload.AsSpan(HeaderLength), body, out var length) && length == body.Length
            ? body
            : throw new InvalidDataException("A chunk of the log is damaged.");
    }

    private static void Number(ArrayBufferWriter<byte> body, ulong value)
    {
        var span = body.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        body.Advance(length);
    }

    private static void Text(ArrayBufferWriter<byte> body, string? text, int offset)
    {
        if (text is null)
        {
            Number(body, 0);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(text);
        Number(body, (ulong)(length + offset));
        body.Advance(Encoding.UTF8.GetBytes(text, body.GetSpan(Math.Max(1, length))));
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
