namespace DevOps.Core.Releases;

/// <summary>One pattern, cut into its parts. Time to match grows with pattern times path, never faster.</summary>
internal sealed class ArtifactPattern
{
    private readonly string[] _parts;
    private readonly bool _takesFiles;
    private readonly bool _takesFolders;

    public ArtifactPattern(string text)
    {
        _parts = text.TrimEnd('/').Split('/');
        _takesFiles = !text.EndsWith('/');
        _takesFolders = !_takesFiles || !PathPart.HasSigns(_parts[^1]);
        StaticPrefix = string.Join('/', _parts.TakeWhile(p => !PathPart.HasSigns(p)));
    }

    /// <summary>The leading parts without signs.</summary>
    public string StaticPrefix { get; }

    public bool Matches(string[] path)
    {
        // A file is only matched whole; a folder of that name has at least one part below it.
        var reached = Reach(path);
        return (_takesFiles && reached[path.Length]) || (_takesFolders && reached.AsSpan(1, path.Length - 1).Contains(true));
    }

    /// <summary>Matches all of it, and nothing that merely lies below.</summary>
    public bool MatchesWhole(string[] path) => Reach(path)[path.Length];

    // reached[i]: the pattern's parts can match the first i parts of the path.
    private bool[] Reach(string[] path)
    {
        var reached = new bool[path.Length + 1];
        reached[0] = true;
        foreach (var part in _parts)
        {
            reached = part is "**" ? Spread(reached) : Advance(reached, part, path);
        }

        return reached;
    }

    private static bool[] Spread(bool[] reached)
    {
        var next = new bool[reached.Length];
        var any = false;
        for (var i = 0; i < reached.Length; i++)
        {
            next[i] = any |= reached[i];
        }

        return next;
    }

    private static bool[] Advance(bool[] reached, string part, string[] path)
    {
        var next = new bool[reached.Length];
        for (var i = 0; i < path.Length; i++)
        {
            next[i + 1] = reached[i] && PathPart.Matches(part, path[i]);
        }

        return next;
    }
}
