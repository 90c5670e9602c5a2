using System.Net;
using System.Text;
using System.Text.Encodings.Web;

namespace DevOps.Core.Logs;

/// <summary>The spellings in which a secret may turn up in output: as it is, line by line, base64, URL-encoded, JSON-escaped, quoted for a shell, in markup.</summary>
public static class SecretSpellings
{
    /// <summary>Shortest text that is masked, in characters. Hiding every <c>on</c> or <c>42</c> would destroy the log and hide nothing.</summary>
    public const int Shortest = 4;

    private static readonly int[] WrapWidths = [64, 76];
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>All spellings of a value that are long enough to be masked.</summary>
    public static IReadOnlySet<string> Of(string value)
    {
        var spellings = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in Parts(value))
        {
            foreach (var spelling in Escaped(part).Concat(Base64(part)))
            {
                // What still holds a line break can never stand in one line of output.
                if (spelling.Length >= Shortest && !spelling.AsSpan().ContainsAny('\n', '\r'))
                {
                    spellings.Add(spelling);
                }
            }
        }

        return spellings;
    }

    private static IEnumerable<string> Parts(string value)
    {
        var whole = value.Trim();
        if (whole.Length < Shortest)
        {
            yield break;
        }

        yield return value;
        yield return whole;
        if (whole.AsSpan().ContainsAny('\n', '\r'))
        {
            yield return whole.ReplaceLineEndings("\n");
            foreach (var line in whole.Split(['\n', '\r'], StringSplitOptions.TrimEntries).Where(l => l.Length >= Shortest))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<string> Escaped(string part)
    {
        yield return part;
        var percent = Uri.EscapeDataString(part);
        yield return percent;
        yield return LowerPercent(percent);
        var form = WebUtility.UrlEncode(part);
        yield return form;
        yield return LowerPercent(form);
        yield return JavaScriptEncoder.Default.Encode(part);
        yield return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(part);
        yield return part.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\t", "\\t");
        yield return WebUtility.HtmlEncode(part);
        yield return part.Replace("'", "'\\''");
        yield return part.Replace("'", "'\"'\"'");
        yield return BackslashQuoted(part);
    }

    // What surrounds the secret shifts its base64 by nought, one or two bytes; the characters that only the secret decides are the same in each.
    private static IEnumerable<string> Base64(string part)
    {
        var bytes = Utf8.GetBytes(part);
        var texts = new List<string>();
        for (var shift = 0; shift < 3; shift++)
        {
            var text = Convert.ToBase64String([.. new byte[shift], .. bytes]).TrimEnd('=');
            var first = ((shift * 8) + 5) / 6;
            var last = (shift + bytes.Length) * 8 / 6;
            texts.Add(text[first..last]);
        }

        foreach (var whole in new[] { Convert.ToBase64String(bytes), Convert.ToBase64String([.. bytes, (byte)'\n']) })
        {
            texts.Add(whole);
            texts.Add(whole.TrimEnd('='));
            texts.AddRange(WrapWidths.Where(width => whole.Length > width).SelectMany(width => Wrapped(whole, width)));
        }

        return texts.Concat(texts.Select(t => t.Replace('+', '-').Replace('/', '_')));
    }

    private static IEnumerable<string> Wrapped(string text, int width) =>
        text.Chunk(width).Where(piece => piece.Length >= 2 * Shortest).Select(piece => new string(piece));

    private static string LowerPercent(string encoded)
    {
        var lower = encoded.ToCharArray();
        for (var i = 0; i + 2 < lower.Length; i++)
        {
            if (lower[i] == '%')
            {
                lower[i + 1] = char.ToLowerInvariant(lower[i + 1]);
                lower[i + 2] = char.ToLowerInvariant(lower[i + 2]);
            }
        }

        return new string(lower);
    }

    private static string BackslashQuoted(string part)
    {
        var quoted = new StringBuilder(part.Length + 8);
        foreach (var c in part)
        {
            if (c < 0x80 && !char.IsAsciiLetterOrDigit(c) && "_-./:=@%+,".IndexOf(c, StringComparison.Ordinal) < 0)
            {
                quoted.Append('\\');
            }

            quoted.Append(c);
        }

        return quoted.ToString();
    }
}
