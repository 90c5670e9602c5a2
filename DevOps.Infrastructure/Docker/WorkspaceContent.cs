using System.Formats.Tar;
using System.Net;
using System.Text;

namespace DevOps.Infrastructure.Docker;

/// <summary>A tar stream that puts the workspace and the script into a container: modes and links as they are, everything owned by the user the script runs as.
/// Written while it is sent; nothing is kept on disk or in memory.</summary>
public sealed class WorkspaceContent(string folder, string script, IReadOnlyList<string> caches, ImageUser owner, TimeProvider time, Action moved) : HttpContent
{
    private const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, RecurseSubdirectories = false };

    /// <summary>Number of files that were sent.</summary>
    public int Files { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>What went wrong on our own side; the transport shows it only wrapped in its own words.</summary>
    public Exception? Fault { get; private set; }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var wire = new WatchedStream(stream, moved);
        try
        {
            await using var buffer = new BufferedStream(wire, 1 << 17);
            await WriteAllAsync(buffer, cancellationToken);
            await buffer.FlushAsync(cancellationToken);
        }
        catch (Exception e) when (!wire.Failed && e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            Fault = e;
            throw;
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private async Task WriteAllAsync(Stream stream, CancellationToken cancellationToken)
    {
        await using var tar = new TarWriter(stream, TarEntryFormat.Gnu, leaveOpen: true);
        await WriteFolderAsync(tar, ".devops", root: true, cancellationToken);
        await WriteScriptAsync(tar, cancellationToken);
        await WriteFolderAsync(tar, ContainerSpec.Workspace[1..], root: false, cancellationToken);
        await WriteTreeAsync(tar, folder, ContainerSpec.Workspace[1..], cancellationToken);
        foreach (var cache in caches)
        {
            // A new volume belongs to root; the user of the image has to be able to write into it.
            await WriteFolderAsync(tar, cache.Trim('/'), root: false, cancellationToken);
        }
    }

    private async Task WriteTreeAsync(TarWriter tar, string from, string to, CancellationToken cancellationToken)
    {
        foreach (var item in new DirectoryInfo(from).EnumerateFileSystemInfos("*", Everything))
        {
            var name = $"{to}/{item.Name}";
            if (item.LinkTarget is { } target)
            {
                await tar.WriteEntryAsync(Own(new GnuTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target }), cancellationToken);
            }
            else if (item is DirectoryInfo)
            {
                await tar.WriteEntryAsync(Own(new GnuTarEntry(TarEntryType.Directory, name) { Mode = item.UnixFileMode, ModificationTime = new DateTimeOffset(item.LastWriteTimeUtc) }), cancellationToken);
                await WriteTreeAsync(tar, item.FullName, name, cancellationToken);
            }
            else
            {
                await WriteFileAsync(tar, (FileInfo)item, name, cancellationToken);
            }
        }
    }

    private async Task WriteFileAsync(TarWriter tar, FileInfo file, string name, CancellationToken cancellationToken)
    {
        await using var content = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.SequentialScan);
        var entry = Own(new GnuTarEntry(TarEntryType.RegularFile, name) { Mode = file.UnixFileMode, ModificationTime = new DateTimeOffset(file.LastWriteTimeUtc), DataStream = content });
        await tar.WriteEntryAsync(entry, cancellationToken);
        Files++;
        Bytes += content.Length;
    }

    private async Task WriteScriptAsync(TarWriter tar, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(script));
        var entry = new GnuTarEntry(TarEntryType.RegularFile, ContainerSpec.Script[1..]) { Mode = Open, ModificationTime = time.GetUtcNow(), DataStream = content };
        await tar.WriteEntryAsync(entry, cancellationToken);
    }

    private async Task WriteFolderAsync(TarWriter tar, string name, bool root, CancellationToken cancellationToken)
    {
        var entry = new GnuTarEntry(TarEntryType.Directory, name) { Mode = Open, ModificationTime = time.GetUtcNow() };
        await tar.WriteEntryAsync(root ? entry : Own(entry), cancellationToken);
    }

    private GnuTarEntry Own(GnuTarEntry entry)
    {
        entry.Uid = owner.Uid;
        entry.Gid = owner.Gid;
        return entry;
    }
}
