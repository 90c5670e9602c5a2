using System.Text.Json;
using DevOps.Core.Releases;

namespace DevOps.Infrastructure.Artifacts;

/// <summary>A manifest as it lies beside its tar file.</summary>
/// <param name="Sha256">Hash of the manifest, see <see cref="Manifest.Hash"/>.</param>
/// <param name="TarBytes">Length of the tar file.</param>
/// <param name="Entries">What the release holds.</param>
internal sealed record StoredManifest(string Sha256, long TarBytes, IReadOnlyList<ManifestEntry> Entries)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    public static void Write(string file, Manifest manifest, long tarBytes)
    {
        using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(stream, new StoredManifest(manifest.Hash(), tarBytes, manifest.Entries), Format);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Reads it back; null when it, or its tar file, is not whole.</summary>
    public static async Task<Manifest?> ReadAsync(string file, string tarFile, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(file);
            var stored = await JsonSerializer.DeserializeAsync<StoredManifest>(stream, Format, cancellationToken);
            if (stored?.Entries is null || new FileInfo(tarFile) is not { Exists: true } tar || tar.Length != stored.TarBytes)
            {
                return null;
            }

            var manifest = new Manifest(stored.Entries);
            return string.Equals(manifest.Hash(), stored.Sha256, StringComparison.Ordinal) ? manifest : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }
}
