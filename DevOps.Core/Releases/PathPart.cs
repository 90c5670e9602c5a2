namespace DevOps.Core.Releases;

/// <summary>One part of a pattern against one part of a path.</summary>
internal static class PathPart
{
    public static bool HasSigns(string part) => part.AsSpan().IndexOfAny('*', '?', '[') >= 0;

    public static bool IsWellFormed(string part)
    {
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] == '[')
            {
                i = EndOfSet(part, i);
                if (i < 0)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Goes back to the last star only: no other star can do better, so there is no exponential search.</summary>
    public static bool Matches(string pattern, string name)
    {
        var (p, n, star, resume) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && MatchesOne(pattern, p, name[n]))
            {
                p = Next(pattern, p);
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).IndexOfAnyExcept('*') < 0;
    }

    private static int Next(string pattern, int p) => pattern[p] == '[' ? EndOfSet(pattern, p) + 1 : p + 1;

    private static bool MatchesOne(string pattern, int p, char c) => pattern[p] switch
    {
        '?' => true,
        '[' => IsInSet(pattern.AsSpan(p + 1, EndOfSet(pattern, p) - p - 1), c),
        var literal => literal == c,
    };

    private static bool IsInSet(ReadOnlySpan<char> set, char c)
    {
        var isNegated = set[0] is '!' or '^';
        set = isNegated ? set[1..] : set;
        for (var i = 0; i < set.Length; i++)
        {
            var isRange = i + 2 < set.Length && set[i + 1] == '-';
            if (isRange ? c >= set[i] && c <= set[i + 2] : c == set[i])
            {
                return !isNegated;
            }

            i += isRange ? 2 : 0;
        }

        return isNegated;
    }

    /// <summary>Where the set that begins at <paramref name="start"/> ends; a ] that comes first belongs to the set. -1 when it does not end.</summary>
    private static int EndOfSet(string pattern, int start)
    {
        var first = start + 1;
        if (first < pattern.Length && pattern[first] is '!' or '^')
        {
            first++;
        }

        return first < pattern.Length ? pattern.IndexOf(']', first + 1) : -1;
    }
}
