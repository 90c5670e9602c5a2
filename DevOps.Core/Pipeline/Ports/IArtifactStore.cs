using DevOps.Core.Logs;
using DevOps.Core.Releases;

namespace DevOps.Core.Pipeline.Ports;

/// <summary>Keeps the bytes of releases: for each one uncompressed tar file and its manifest. What is stored is never changed.</summary>
public interface IArtifactStore
{
    /// <summary>Packs what the patterns match. Repeatable: an earlier, unfinished try for the same number is replaced.</summary>
    /// <exception cref="StepFailure">Nothing matches (the message shows what there was), or a link leaves the folder.</exception>
    Task<Manifest> PackAsync(PackRequest request, ILogOutput output, CancellationToken cancellationToken);

    /// <summary>Reads a stored manifest; null when the artifact is not (or no longer wholly) here.</summary>
    Task<Manifest?> ReadManifestAsync(long projectId, int number, CancellationToken cancellationToken);

    /// <summary>Opens the stored tar file for reading, seekable; entries lie where the manifest says.</summary>
    /// <exception cref="StepFailure">It is not here.</exception>
    Stream OpenTar(long projectId, int number);

    /// <summary>Removes a release's bytes. Repeatable.</summary>
    Task DeleteAsync(long projectId, int number, CancellationToken cancellationToken);
}

/// <summary>What to pack.</summary>
/// <param name="ProjectId">Owner.</param>
/// <param name="Number">Number of the release to be.</param>
/// <param name="Folder">Local folder to look in.</param>
/// <param name="Patterns">Artifact patterns; one that begins with <c>!</c> takes away.</param>
public sealed record PackRequest(long ProjectId, int Number, string Folder, IReadOnlyList<string> Patterns);
