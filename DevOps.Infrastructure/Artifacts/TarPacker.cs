using System.Buffers;
using System.Security.Cryptography;
using DevOps.Core.Pipeline;
using DevOps.Core.Releases;

namespace DevOps.Infrastructure.Artifacts;

/// <summary>Writes found paths into one tar file, reading each file once: for the tar, its hash and its checksum.</summary>
internal sealed class TarPacker(string root, Stream tar, long modifiedSeconds)
{
    private const int BufferSize = 1 << 20;
    private const int PlainMode = 0x1A4;
    private const int ExecutableMode = 0x1ED;
    private static readonly byte[] Zeros = new byte[2 * TarHeader.Block];

    private long _position;

    /// <summary>Writes all paths in their order, and the end of the tar file.</summary>
    /// <exception cref="StepFailure">A file changed meanwhile, a link leads outside, or there is a device, pipe or socket.</exception>
    public Manifest Write(IReadOnlyList<FoundPath> paths, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var entries = new List<ManifestEntry>(paths.Count);
            foreach (var path in paths)
            {
                cancellationToken.ThrowIfCancellationRequested();
                entries.Add(WriteOne(path, buffer, cancellationToken));
            }

            Put(Zeros);
            return new Manifest(entries);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ManifestEntry WriteOne(FoundPath found, byte[] buffer, CancellationToken cancellationToken)
    {
        var offset = _position;
        switch (found.Facts.Kind)
        {
            case FileKind.File:
                var mode = found.Facts.IsExecutable ? ExecutableMode : PlainMode;
                Put(TarHeader.For(found.Path, found.Facts.Size, mode, modifiedSeconds, null));
                var (sha256, checksum) = WriteContent(found, buffer, cancellationToken);
                Put(Zeros.AsSpan(0, TarHeader.Padding(found.Facts.Size)));
                return new ManifestEntry(found.Path, found.Facts.Size, mode, sha256, null, offset, _position - offset, checksum);
            case FileKind.Link:
                var target = LinkTargets.Read(root, found.Path);
                Put(TarHeader.For(found.Path, 0, ExecutableMode, modifiedSeconds, target));
                return new ManifestEntry(found.Path, 0, ExecutableMode, "", target, offset, _position - offset);
            default:
                throw new StepFailure($"'{found.Path}' is a device, a pipe or a socket, which cannot be part of a release. Remove it, or leave it out with '!{found.Path}'.");
        }
    }

    private (string Sha256, uint Checksum) WriteContent(FoundPath found, byte[] buffer, CancellationToken cancellationToken)
    {
        var fullPath = Path.Combine(root, found.Path);
        using var file = Open(fullPath, found.Path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var checksum = new PosixChecksum();
        long at = 0;
        for (int read; (read = RandomAccess.Read(file, buffer.AsSpan(0, BufferSize), at)) > 0; at += read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (at + read > found.Facts.Size)
            {
                throw Changed(found.Path);
            }

            hash.AppendData(buffer, 0, read);
            checksum.Append(buffer.AsSpan(0, read));
            Put(buffer.AsSpan(0, read));
        }

        return at == found.Facts.Size && FileFacts.Read(fullPath) == found.Facts
            ? (Convert.ToHexStringLower(hash.GetHashAndReset()), checksum.Value)
            : throw Changed(found.Path);
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle Open(string fullPath, string shown)
    {
        try
        {
            return File.OpenHandle(fullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StepFailure($"'{shown}' cannot be read.", inner: e);
        }
        catch (FileNotFoundException e)
        {
            throw new StepFailure($"'{shown}' was removed while it was packed.", inner: e);
        }
    }

    private static StepFailure Changed(string path) =>
        new($"'{path}' changed while it was packed. Something still writes into the workspace; end it before the build script ends.");

    private void Put(ReadOnlySpan<byte> bytes)
    {
        tar.Write(bytes);
        _position += bytes.Length;
    }
}
