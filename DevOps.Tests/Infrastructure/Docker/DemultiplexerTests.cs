using System.Buffers.Binary;
using System.Text;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Infrastructure.Docker;

namespace DevOps.Tests.Infrastructure.Docker;

public sealed class DemultiplexerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(13)]
    [InlineData(4096)]
    public void Frames_cut_anywhere_give_the_same_streams(int chunk)
    {
        byte[] wire = [.. Frame(1, "first\n"), .. Frame(2, "error ä\n"), .. Frame(1, ""), .. Frame(1, "second"), .. Frame(0, " and last\n")];
        var frames = new Demultiplexer();
        var streams = new Dictionary<LogStream, List<byte>> { [LogStream.Out] = [], [LogStream.Err] = [] };

        foreach (var part in wire.Chunk(chunk))
        {
            foreach (var (stream, payload) in frames.Take(part))
            {
                streams[stream].AddRange(payload.Span);
            }
        }

        Assert.Equal("first\nsecond and last\n", Encoding.UTF8.GetString([.. streams[LogStream.Out]]));
        Assert.Equal("error ä\n", Encoding.UTF8.GetString([.. streams[LogStream.Err]]));
        Assert.True(frames.AtFrameEnd);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(10)]
    public void Stream_that_ends_within_a_frame_is_noticed(int length)
    {
        var frames = new Demultiplexer();

        _ = frames.Take(Frame(1, "whole").AsMemory(0, length)).Count();

        Assert.False(frames.AtFrameEnd);
    }

    [Fact]
    public void Stream_without_frames_is_refused() =>
        Assert.Throws<EngineUnavailable>(() => new Demultiplexer().Take("plain text of a terminal"u8.ToArray()).Count());

    private static byte[] Frame(byte stream, string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var frame = new byte[8 + payload.Length];
        frame[0] = stream;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)payload.Length);
        payload.CopyTo(frame, 8);
        return frame;
    }
}
