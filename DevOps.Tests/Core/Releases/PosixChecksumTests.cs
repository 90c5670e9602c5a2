using System.Globalization;
using System.Text;
using DevOps.Core.Releases;
using DevOps.Tests.Benchmarks;

namespace DevOps.Tests.Core.Releases;

public sealed class PosixChecksumTests
{
    [Theory]
    [InlineData("", 4294967295)]
    [InlineData("123456789", 930766865)]
    public void Known_content_has_the_checksum_that_cksum_is_known_to_print(string content, uint checksum)
    {
        Assert.Equal(checksum, Of(Encoding.ASCII.GetBytes(content), 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(255)]
    [InlineData(70_001)]
    public async Task Any_content_in_any_pieces_has_the_checksum_of_the_tool(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, content);
            var expected = uint.Parse((await Shell.RunAsync($"cksum < {file}")).Split(' ')[0], CultureInfo.InvariantCulture);

            Assert.All([1, 3, 8, 4096], piece => Assert.Equal(expected, Of(content, piece)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static uint Of(byte[] content, int piece)
    {
        var checksum = new PosixChecksum();
        foreach (var part in content.Chunk(piece))
        {
            checksum.Append(part);
        }

        return checksum.Value;
    }
}
