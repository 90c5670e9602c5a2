using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Security.Cryptography;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;

namespace DevOps.Tests.Fakes;

/// <summary>Artifacts in memory: packs every file of the folder, whatever the patterns say. Fails on request.</summary>
public sealed class FakeArtifactStore : IArtifactStore
{
    private readonly ConcurrentDictionary<(long Project, int Number), (Manifest Manifest, byte[] Tar)> _stored = new();

    /// <summary>Thrown by the next packs while it is set.</summary>
    public StepFailure? Failure { get; set; }

    /// <summary>Requests that came, in order.</summary>
    public ConcurrentQueue<PackRequest> Packed { get; } = new();

    /// <summary>Releases whose bytes were removed.</summary>
    public ConcurrentQueue<(long Project, int Number)> Deleted { get; } = new();

    public Task<Manifest> PackAsync(PackRequest request, ILogOutput output, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Packed.Enqueue(request);
        if (Failure is { } failure)
        {
            throw failure;
        }

        using var tar = new MemoryStream();
        var entries = new List<ManifestEntry>();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var file in Directory.EnumerateFiles(request.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                entries.Add(Add(writer, tar, Path.GetRelativePath(request.Folder, file), File.ReadAllBytes(file)));
            }
        }

        var manifest = new Manifest(entries);
        _stored[(request.ProjectId, request.Number)] = (manifest, tar.ToArray());
        return Task.FromResult(manifest);
    }

    public Task<Manifest?> ReadManifestAsync(long projectId, int number, CancellationToken cancellationToken) =>
        Task.FromResult(_stored.TryGetValue((projectId, number), out var stored) ? stored.Manifest : null);

    public Stream OpenTar(long projectId, int number) =>
        _stored.TryGetValue((projectId, number), out var stored)
            ? new MemoryStream(stored.Tar, writable: false)
            : throw new StepFailure($"The files of release {number} are not here.");

    public Task DeleteAsync(long projectId, int number, CancellationToken cancellationToken)
    {
        _stored.TryRemove((projectId, number), out _);
        Deleted.Enqueue((projectId, number));
        return Task.CompletedTask;
    }

    private static ManifestEntry Add(TarWriter writer, MemoryStream tar, string path, byte[] content)
    {
        var offset = tar.Position;
        writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path)
        {
            Mode = (UnixFileMode)Convert.ToInt32("644", 8),
            DataStream = new MemoryStream(content, writable: false),
            ModificationTime = DateTimeOffset.UnixEpoch,
        });
        return new ManifestEntry(path, content.Length, Convert.ToInt32("644", 8), Convert.ToHexStringLower(SHA256.HashData(content)), null, offset, tar.Position - offset);
    }
}
