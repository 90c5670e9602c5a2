using System.Globalization;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;

namespace DevOps.Infrastructure.Artifacts;

/// <summary>Keeps releases as files: <c>releases/{project}/{number}/artifact.tar</c> and <c>manifest.json</c>. A release appears whole, by one rename, or not at all.</summary>
public sealed class FileArtifactStore(PlatformOptions options, TimeProvider time) : IArtifactStore
{
    private const int WriteBuffer = 1 << 20;
    private const int ShownPaths = 20;
    private const long LargeRelease = 100_000_000;

    /// <inheritdoc/>
    public async Task<Manifest> PackAsync(PackRequest request, ILogOutput output, CancellationToken cancellationToken)
    {
        var patterns = ArtifactPatterns.Parse(request.Patterns);
        var manifest = await Task.Run(() => Pack(request, patterns, cancellationToken), cancellationToken);
        await SayAsync(manifest, output, cancellationToken);
        return manifest;
    }

    /// <inheritdoc/>
    public Task<Manifest?> ReadManifestAsync(long projectId, int number, CancellationToken cancellationToken) =>
        StoredManifest.ReadAsync(ManifestFile(Folder(projectId, number)), TarFile(Folder(projectId, number)), cancellationToken);

    /// <inheritdoc/>
    public Stream OpenTar(long projectId, int number)
    {
        try
        {
            return new FileStream(TarFile(Folder(projectId, number)), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StepFailure($"The files of release {number} are no longer here. Deploy its commit again to build it anew.", inner: e);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(long projectId, int number, CancellationToken cancellationToken)
    {
        RemoveFolder(Folder(projectId, number));
        RemoveUnfinished(projectId, number);
        return Task.CompletedTask;
    }

    private Manifest Pack(PackRequest request, ArtifactPatterns patterns, CancellationToken cancellationToken)
    {
        var paths = Choose(request, patterns);
        var target = Folder(request.ProjectId, request.Number);
        RemoveUnfinished(request.ProjectId, request.Number);
        var unfinished = $"{target}.{Guid.NewGuid():N}.new";
        Directory.CreateDirectory(unfinished, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            var manifest = WriteFiles(request, paths, unfinished, cancellationToken);
            RemoveFolder(target);
            Directory.Move(unfinished, target);
            return manifest;
        }
        catch (IOException e)
        {
            throw new StepFailure($"The release could not be stored: {e.Message}", inner: e);
        }
        finally
        {
            RemoveFolder(unfinished);
        }
    }

    private Manifest WriteFiles(PackRequest request, List<FoundPath> paths, string folder, CancellationToken cancellationToken)
    {
        // Web servers make their cache marks from time and size: the time has to differ from release to release, and no file may lie in the future.
        var modified = time.GetUtcNow().ToUnixTimeSeconds();
        using var tar = new FileStream(TarFile(folder), FileMode.CreateNew, FileAccess.Write, FileShare.None, WriteBuffer);
        var manifest = new TarPacker(request.Folder, tar, modified).Write(paths, cancellationToken);
        tar.Flush(flushToDisk: true);
        StoredManifest.Write(ManifestFile(folder), manifest, tar.Length);
        return manifest;
    }

    private static List<FoundPath> Choose(PackRequest request, ArtifactPatterns patterns)
    {
        if (!Directory.Exists(request.Folder))
        {
            throw NothingMatches(request);
        }

        var paths = FolderWalk.Files(request.Folder, patterns.StaticPrefixes()).Where(p => patterns.Matches(p.Path)).ToList();
        paths.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return paths.Count > 0 ? paths : throw NothingMatches(request);
    }

    private static StepFailure NothingMatches(PackRequest request)
    {
        var found = Directory.Exists(request.Folder) ? FolderWalk.Files(request.Folder, [""]).Select(p => p.Path).Order(StringComparer.Ordinal).ToList() : [];
        var patterns = string.Join(", ", request.Patterns.Select(p => $"'{p}'"));
        var shown = string.Join("\n", found.Take(ShownPaths).Select(p => "  " + p));
        var there = found.Count switch
        {
            0 => Sentence.Of("There are no files at all."),
            <= ShownPaths => Sentence.Of("These files are there:").Above(shown),
            _ => Sentence.Of($"{found.Count} files are there, the first {ShownPaths}:").Above(shown),
        };
        return new StepFailure($"Nothing matches the artifact patterns {patterns}: correct the patterns, or let the build write there. {there}");
    }

    private static async Task SayAsync(Manifest manifest, ILogOutput output, CancellationToken cancellationToken)
    {
        var hash = manifest.Hash();
        await output.SayAsync($"{manifest.Entries.Count.ToString(CultureInfo.InvariantCulture)} {(manifest.Entries.Count == 1 ? "file" : "files")} · {ByteSize.Text(manifest.SizeBytes)} · sha256 {hash[..4]}…{hash[^2..]}", cancellationToken);
        if (manifest.SizeBytes > LargeRelease)
        {
            var biggest = manifest.Entries.OrderByDescending(e => e.Size).Take(3).Select(e => $"{e.Path} ({ByteSize.Text(e.Size)})");
            await output.SayAsync($"The biggest: {string.Join(", ", biggest)}", cancellationToken);
        }
    }

    private void RemoveUnfinished(long projectId, int number)
    {
        foreach (var folder in Directory.EnumerateDirectories(ProjectFolder(projectId), string.Create(CultureInfo.InvariantCulture, $"{number}.*.new")))
        {
            RemoveFolder(folder);
        }
    }

    private static void RemoveFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string ProjectFolder(long projectId) => options.Folder("releases", projectId.ToString(CultureInfo.InvariantCulture));

    private string Folder(long projectId, int number) => Path.Combine(ProjectFolder(projectId), number.ToString(CultureInfo.InvariantCulture));

    private static string TarFile(string folder) => Path.Combine(folder, "artifact.tar");

    private static string ManifestFile(string folder) => Path.Combine(folder, "manifest.json");
}
