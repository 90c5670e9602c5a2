using System.Buffers.Binary;

namespace DevOps.Core.Releases;

/// <summary>The checksum that <c>cksum</c> prints on every system (POSIX.1-2017, XCU cksum): a CRC with the polynomial 0x04C11DB7, highest bit first, over the content and then its length.
/// It finds what went wrong by accident, not what somebody did on purpose.</summary>
public sealed class PosixChecksum
{
    private const int Step = 8;
    private static readonly uint[][] Tables = MakeTables();

    private uint _crc;
    private long _length;

    /// <summary>The checksum of all bytes so far.</summary>
    public uint Value
    {
        get
        {
            var crc = _crc;
            for (var rest = _length; rest > 0; rest >>= 8)
            {
                crc = Next(crc, (byte)rest);
            }

            return ~crc;
        }
    }

    /// <summary>Adds bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        var crc = _crc;
        var t = Tables;
        for (; bytes.Length >= Step; bytes = bytes[Step..])
        {
            var first = crc ^ BinaryPrimitives.ReadUInt32BigEndian(bytes);
            var second = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            crc = t[7][first >> 24] ^ t[6][(byte)(first >> 16)] ^ t[5][(byte)(first >> 8)] ^ t[4][(byte)first]
                ^ t[3][second >> 24] ^ t[2][(byte)(second >> 16)] ^ t[1][(byte)(second >> 8)] ^ t[0][(byte)second];
        }

        foreach (var one in bytes)
        {
            crc = Next(crc, one);
        }

        _crc = crc;
    }

    private static uint Next(uint crc, byte one) => (crc << 8) ^ Tables[0][(byte)(crc >> 24) ^ one];

    // Table k says what a byte does to the checksum when k more follow it in the same step.
    private static uint[][] MakeTables()
    {
        var tables = Enumerable.Range(0, Step).Select(_ => new uint[256]).ToArray();
        for (var one = 0u; one < 256; one++)
        {
            var crc = one << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc << 1) ^ ((crc & 0x8000_0000) != 0 ? 0x04C1_1DB7u : 0);
            }

            tables[0][one] = crc;
        }

        for (var k = 1; k < Step; k++)
        {
            for (var one = 0; one < 256; one++)
            {
                var before = tables[k - 1][one];
                tables[k][one] = (before << 8) ^ tables[0][before >> 24];
            }
        }

        return tables;
    }
}
