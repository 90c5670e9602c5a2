using System.Formats.Tar;
using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Docker;

/// <summary>Unpacks what a build produced into a local folder. The stream was made by a stranger's build: no name and no link in it leads out of the folder,
/// and nothing is ever written through a link.</summary>
public sealed class CollectedFiles
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF;

    private readonly string _root;
    private readonly Predicate<string> _wanted;
    private readonly HashSet<string> _folders = [];
    private readonly List<(string Path, UnixFileMode Mode)> _modes = [];

    /// <summary>Begins to fill a folder, which is made when absent.</summary>
    /// <param name="destination">The folder.</param>
    /// <param name="wanted">Whether a path will be used, so that a link that leads outside may not simply be missing.</param>
    public CollectedFiles(string destination, Predicate<string> wanted)
    {
        _wanted = wanted;
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        Directory.CreateDirectory(_root);
        _folders.Add(_root);
    }

    /// <summary>Number of files that were written.</summary>
    public int Files { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Names that were left out: neither file, folder nor link, or a link that leads outside and is not wanted.</summary>
    public List<string> LeftOut { get; } = [];

    /// <summary>Unpacks one stream of the engine.</summary>
    /// <param name="stream">Tar, whose names begin with the last part of the path that was asked for.</param>
    /// <param name="path">That path, relative to the workspace; empty for all of it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StepFailure">A name or a link would leave the folder, or there is no room.</exception>
    public async Task UnpackAsync(Stream stream, string path, CancellationToken cancellationToken)
    {
        await using var tar = new TarReader(stream, leaveOpen: true);
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            var name = Rename(entry.Name, path);
            try
            {
                await WriteAsync(entry, name, path, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StepFailure($"“{name}” cannot be copied out of the container: {e.Message}", null, e);
            }
        }
    }

    /// <summary>Gives the folders their modes, last, so that a folder one may not write into could still be filled.</summary>
    public void Finish()
    {
        foreach (var (path, mode) in Enumerable.Reverse(_modes))
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private async Task WriteAsync(TarEntry entry, string name, string path, CancellationToken cancellationToken)
    {
        var target = name.Length == 0 ? _root : Path.Combine(_root, name);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                EnterFolder(target, name);
                _modes.Add((target, (entry.Mode & Permissions) | Private));
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                Prepare(target, name);
                await WriteFileAsync(entry, target, cancellationToken);
                break;
            case TarEntryType.SymbolicLink:
                WriteLink(entry.LinkName, target, name);
                break;
            case TarEntryType.HardLink:
                Prepare(target, name);
                CopyLinked(entry, target, name, path);
                break;
            default:
                LeftOut.Add(name);
                break;
        }
    }

    private async Task WriteFileAsync(TarEntry entry, string target, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await using (var file = new FileStream(target, options))
        {
            if (entry.DataStream is { } data)
            {
                await data.CopyToAsync(file, 1 << 17, cancellationToken);
            }
        }

        File.SetUnixFileMode(target, (entry.Mode & Permissions) | UnixFileMode.UserRead);
        File.SetLastWriteTimeUtc(target, entry.ModificationTime.UtcDateTime);
        Files++;
        Bytes += entry.Length;
    }

    /// <summary>A second name of a file becomes a copy: a release holds files, and one must be free to change one name alone.</summary>
    private void CopyLinked(TarEntry entry, string target, string name, string path)
    {
        var sourceName = Rename(entry.LinkName, path);
        var source = Path.Combine(_root, sourceName);
        if (!_folders.Contains(Path.GetDirectoryName(source)!) || !File.Exists(source) || new FileInfo(source).LinkTarget is not null)
        {
            throw new StepFailure($"“{name}” in the container is another name of “{entry.LinkName}”, which is not among what is copied out");
        }

        File.Copy(source, target);
        Files++;
        Bytes += new FileInfo(target).Length;
    }

    /// <summary>Makes room for a file or link: its folder is a real one, and nothing stands in its place.</summary>
    private void Prepare(string target, string name)
    {
        if (name.Length == 0)
        {
            throw new StepFailure("the workspace in the container is no longer a folder");
        }

        EnterFolder(Path.GetDirectoryName(target)!, Path.GetDirectoryName(name) ?? "");
        var there = new FileInfo(target);
        if (there.LinkTarget is not null || there.Exists)
        {
            there.Delete();
        }
    }

    private void EnterFolder(string folder, string name)
    {
        if (_folders.Contains(folder))
        {
            return;
        }

        var at = _root;
        foreach (var part in name.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at = Path.Combine(at, part);
            if (_folders.Contains(at))
            {
                continue;
            }

            if (new FileInfo(at).LinkTarget is not null)
            {
                throw new StepFailure($"“{name}” in the container lies behind a link; it is not copied out");
            }

            Directory.CreateDirectory(at, Private);
            _folders.Add(at);
        }
    }

    /// <summary>From a name in the stream to a name below the destination: the first part is replaced by the path that was asked for.</summary>
    private static string Rename(string name, string path)
    {
        var parts = name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p is not ".").ToArray();
        if (name.StartsWith('/') || parts.Contains("..", StringComparer.Ordinal) || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new StepFailure($"“{name}” in the container's files would leave the folder they are copied to");
        }

        return string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p is not ".").Concat(parts.Skip(1)));
    }

    private void WriteLink(string to, string target, string name)
    {
        Prepare(target, name);
        if (StaysInside(name, to))
        {
            File.CreateSymbolicLink(target, to);
        }
        else if (_wanted(name))
        {
            throw new StepFailure($"the link “{name}” points to “{to}”, which is or may be outside the workspace; make it a file, or a relative link that stays inside, or leave it out with “!{name}”");
        }
        else
        {
            LeftOut.Add(name);
        }
    }

    /// <summary>A link may climb only from its own folder, which is a real one, and not above the top; after its first name it may not climb at all,
    /// because that name may be a link itself and lead elsewhere than it seems. Then no chain of links leads out either.</summary>
    private static bool StaysInside(string name, string to)
    {
        var depth = name.Count(c => c == '/');
        var parts = to.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p is not ".").ToArray();
        var climbs = parts.TakeWhile(p => p is "..").Count();
        return to.Length > 0 && !to.StartsWith('/') && climbs <= depth && !parts.Skip(climbs).Contains("..", StringComparer.Ordinal);
    }
}
