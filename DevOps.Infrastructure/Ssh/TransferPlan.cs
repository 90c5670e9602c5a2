using DevOps.Core.Releases;

namespace DevOps.Infrastructure.Ssh;

/// <summary>What has to be sent and taken away so that a folder on a server holds exactly a manifest.</summary>
/// <param name="Send">Entries that are sent, in the order of the stored artifact.</param>
/// <param name="Remove">Paths that are taken away first: what does not belong, and what is sent anew.</param>
/// <param name="Linked">Number of files that stay as they came from the base.</param>
internal sealed record TransferPlan(IReadOnlyList<ManifestEntry> Send, IReadOnlyList<string> Remove, int Linked)
{
    /// <summary>Length of the stream, in bytes; 0 when nothing has to be sent or taken away.</summary>
    public long StreamLength => Send.Count + Remove.Count == 0 ? 0 : ReleaseStream.Length(Send);

    /// <summary>Everything into an empty folder.</summary>
    public static TransferPlan Full(Manifest wanted) => new([.. wanted.Entries.OrderBy(e => e.Offset)], [], 0);

    /// <summary>What the folder lacks that began as the base.</summary>
    /// <param name="wanted">What it shall hold.</param>
    /// <param name="known">What the base was when it was proved.</param>
    /// <param name="there">What was found in it: a kind and a path each, with a NUL at the end.</param>
    public static TransferPlan Delta(Manifest wanted, Manifest known, string there)
    {
        var before = known.Entries.ToDictionary(e => e.Path, StringComparer.Ordinal);
        var found = Read(there);
        var send = wanted.Entries.Where(e => !Stays(e, before, found)).OrderBy(e => e.Offset).ToList();
        var folders = Folders(wanted);
        var keep = wanted.Entries.Select(e => e.Path).Except(send.Select(e => e.Path), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        var remove = found.Where(f => f.Value == 'd' ? !folders.Contains(f.Key) : !keep.Contains(f.Key)).Select(f => f.Key).Order(StringComparer.Ordinal);
        return new TransferPlan(send, WithoutNested(remove), keep.Count);
    }

    // Links are always made anew: they cost a header each, and nothing then is written through one.
    private static bool Stays(ManifestEntry entry, Dictionary<string, ManifestEntry> before, Dictionary<string, char> found) =>
        entry.LinkTarget is null
        && before.TryGetValue(entry.Path, out var old)
        && old.LinkTarget is null
        && old.Size == entry.Size
        && string.Equals(old.Sha256, entry.Sha256, StringComparison.Ordinal)
        && found.TryGetValue(entry.Path, out var kind)
        && kind == (entry.Mode == Executable ? 'x' : 'a');

    private static readonly int Executable = Convert.ToInt32("755", 8);

    private static Dictionary<string, char> Read(string there)
    {
        var found = new Dictionary<string, char>(StringComparer.Ordinal);
        foreach (var item in there.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            found[item[3..]] = item[0];
        }

        return found;
    }

    private static HashSet<string> Folders(Manifest manifest)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in manifest.Entries)
        {
            for (var end = entry.Path.LastIndexOf('/'); end > 0 && folders.Add(entry.Path[..end]); end = entry.Path.LastIndexOf('/', end - 1))
            {
            }
        }

        return folders;
    }

    private static List<string> WithoutNested(IEnumerable<string> ordered)
    {
        var kept = new List<string>();
        var removed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in ordered)
        {
            if (!Ancestors(path).Any(removed.Contains))
            {
                kept.Add(path);
                removed.Add(path);
            }
        }

        return kept;
    }

    private static IEnumerable<string> Ancestors(string path)
    {
        for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
        {
            yield return path[..end];
        }
    }
}
