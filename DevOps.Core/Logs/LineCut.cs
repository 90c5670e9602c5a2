using System.Text;

namespace DevOps.Core.Logs;

/// <summary>Cuts a masked line that is too long, never through a character or a colour.</summary>
internal static class LineCut
{
    /// <summary>Moves whole pieces out of <paramref name="line"/>; what is left fits into one line.</summary>
    public static void Cut(StringBuilder line, ICollection<string> lines)
    {
        var text = line.ToString();
        var start = 0;
        while (FirstBeyond(text, start) is >= 0 and var end)
        {
            lines.Add(text[start..end]);
            start = end;
        }

        line.Remove(0, start);
    }

    // Index of the first unit that no longer fits, or -1 when all the rest does.
    private static int FirstBeyond(string text, int start)
    {
        var bytes = 0;
        for (var at = start; at < text.Length;)
        {
            var length = UnitLength(text, at);
            bytes += Encoding.UTF8.GetByteCount(text.AsSpan(at, length));
            if (bytes > LineSplitter.MaxLineBytes)
            {
                return at;
            }

            at += length;
        }

        return -1;
    }

    private static int UnitLength(string text, int at)
    {
        if (text[at] == '\u001b')
        {
            return text.IndexOf('m', at) is >= 0 and var end ? end - at + 1 : 1;
        }

        return char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
    }
}
