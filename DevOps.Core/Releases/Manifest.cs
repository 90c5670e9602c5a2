using System.Security.Cryptography;
using System.Text;

namespace DevOps.Core.Releases;

/// <summary>What a release holds.</summary>
/// <param name="Entries">Files and links, ordered by path (ordinal).</param>
public sealed record Manifest(IReadOnlyList<ManifestEntry> Entries)
{
    /// <summary>Sum of the file sizes, in bytes.</summary>
    public long SizeBytes => Entries.Sum(e => e.Size);

    /// <summary>SHA-256 (hex) over path, mode, size and hash of every entry: equal exactly when the content is.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var e in Entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{e.Path}\0{Convert.ToString(e.Mode, 8)}\0{e.Size}\0{e.Sha256}\0{e.LinkTarget}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>One file or symbolic link of a release.</summary>
/// <param name="Path">Relative path with forward slashes, without <c>.</c> and <c>..</c> parts.</param>
/// <param name="Size">Length in bytes; 0 for a link.</param>
/// <param name="Mode">Permission bits: 0644 or 0755.</param>
/// <param name="Sha256">Hash of the content (hex); empty for a link.</param>
/// <param name="LinkTarget">Target of a symbolic link, which stays inside the release; null for a file.</param>
/// <param name="Offset">Where the entry's tar header begins in the stored artifact, in bytes.</param>
/// <param name="Length">Length of header and padded content in the stored artifact, in bytes.</param>
/// <param name="Checksum">What <c>cksum</c> prints for the content, see <see cref="PosixChecksum"/>; null for a link, and where it was not kept.</param>
public sealed record ManifestEntry(string Path, long Size, int Mode, string Sha256, string? LinkTarget, long Offset, long Length, uint? Checksum = null);
