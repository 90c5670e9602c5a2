using System.Buffers.Binary;
using System.Text;

namespace DevOps.Infrastructure.Artifacts;

/// <summary>Headers of GNU's tar format.</summary>
/// <remarks>GNU tar manual, "Basic Tar Format". Chosen over pax because the tar of BusyBox, which small servers have, passes over pax headers and would cut long names.</remarks>
internal static class TarHeader
{
    /// <summary>Header and content are multiples of this.</summary>
    public const int Block = 512;

    private const int NameLength = 100;
    private const long LargestOctalSize = 0x1_FFFF_FFFF;

    /// <summary>The header of a file or link, with the extra blocks that a long name or target needs in front.</summary>
    public static byte[] For(string path, long size, int mode, long modifiedSeconds, string? linkTarget)
    {
        var name = Encoding.UTF8.GetBytes(path);
        var link = Encoding.UTF8.GetBytes(linkTarget ?? "");
        var longName = name.Length > NameLength ? LongText((byte)'L', name) : [];
        var longLink = link.Length > NameLength ? LongText((byte)'K', link) : [];
        var header = One(name, size, mode, modifiedSeconds, linkTarget is null ? (byte)'0' : (byte)'2', link);
        return [.. longLink, .. longName, .. header];
    }

    /// <summary>Bytes that fill the content up to the next block.</summary>
    public static int Padding(long size) => (int)((Block - (size % Block)) % Block);

    private static byte[] LongText(byte type, byte[] text)
    {
        var size = text.Length + 1;
        var content = new byte[size + Padding(size)];
        text.CopyTo(content, 0);
        return [.. One("././@LongLink"u8, size, 0, 0, type, []), .. content];
    }

    private static byte[] One(ReadOnlySpan<byte> name, long size, int mode, long modifiedSeconds, byte type, ReadOnlySpan<byte> link)
    {
        var block = new byte[Block];
        Cut(name).CopyTo(block);
        Octal(block.AsSpan(100, 8), mode);
        Octal(block.AsSpan(108, 8), 0);
        Octal(block.AsSpan(116, 8), 0);
        Size(block.AsSpan(124, 12), size);
        Octal(block.AsSpan(136, 12), modifiedSeconds);
        block[156] = type;
        Cut(link).CopyTo(block.AsSpan(157));
        "ustar  \0"u8.CopyTo(block.AsSpan(257));
        Checksum(block);
        return block;
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text) => text.Length > NameLength ? text[..NameLength] : text;

    private static void Size(Span<byte> field, long size)
    {
        if (size <= LargestOctalSize)
        {
            Octal(field, size);
            return;
        }

        BinaryPrimitives.WriteInt64BigEndian(field[4..], size);
        field[0] = 0x80;
    }

    private static void Octal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--)
        {
            field[i] = (byte)('0' + (value & 7));
            value >>= 3;
        }
    }

    private static void Checksum(byte[] block)
    {
        block.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var b in block)
        {
            sum += b;
        }

        Octal(block.AsSpan(148, 7), sum);
    }
}
