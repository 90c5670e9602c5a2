using System.Buffers;
using DevOps.Core.Pipeline;
using DevOps.Core.Releases;

namespace DevOps.Infrastructure.Ssh;

/// <summary>A tar stream made of chosen entries of a stored artifact, whose bytes are sent as they lie there.</summary>
internal static class ReleaseStream
{
    private const int Block = 512;

    // tar reads whole records; a stream that ends inside one would leave it waiting.
    private const int Record = 20 * Block;
    private const int BufferSize = 256 * 1024;

    // Where the kernel moves the bytes, so many are written by hand to learn that there is room again.
    private const int Page = 4096;

    /// <summary>Length of the stream, in bytes.</summary>
    public static long Length(IReadOnlyList<ManifestEntry> entries)
    {
        var content = entries.Sum(e => e.Length) + (2 * Block);
        return (content + Record - 1) / Record * Record;
    }

    /// <summary>Writes the stream.</summary>
    /// <exception cref="StepFailure">The artifact ends before its manifest says so.</exception>
    public static async Task WriteAsync(Stream artifact, IReadOnlyList<ManifestEntry> entries, Stream target, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var quick = FileToPipe.Between(artifact, target);
        try
        {
            foreach (var (offset, length) in Runs(entries))
            {
                await CopyAsync(artifact, offset, length, target, quick, buffer, cancellationToken);
            }

            var rest = (int)(Length(entries) - entries.Sum(e => e.Length));
            Array.Clear(buffer, 0, rest);
            await target.WriteAsync(buffer.AsMemory(0, rest), cancellationToken);
            await target.FlushAsync(cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Entries that lie side by side are read in one go.
    private static IEnumerable<(long Offset, long Length)> Runs(IReadOnlyList<ManifestEntry> entries)
    {
        var start = 0L;
        var end = 0L;
        foreach (var entry in entries)
        {
            if (entry.Offset != end && end > start)
            {
                yield return (start, end - start);
            }

            start = entry.Offset == end ? start : entry.Offset;
            end = entry.Offset + entry.Length;
        }

        if (end > start)
        {
            yield return (start, end - start);
        }
    }

    private static async Task CopyAsync(Stream source, long offset, long length, Stream target, FileToPipe? quick, byte[] buffer, CancellationToken cancellationToken)
    {
        while (length > 0)
        {
            length -= quick?.Move(ref offset, length) ?? 0;
            if (length == 0)
            {
                return;
            }

            source.Position = offset;
            var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(length, quick is { Works: true } ? Page : buffer.Length)), cancellationToken);
            if (read == 0)
            {
                throw new StepFailure("The stored files of this release end too early. Deploy its commit again to build it anew.");
            }

            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            offset += read;
            length -= read;
        }
    }
}
