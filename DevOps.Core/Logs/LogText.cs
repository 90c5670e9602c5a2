namespace DevOps.Core.Logs;

/// <summary>Looks at the text of stored lines.</summary>
public static class LogText
{
    private static readonly string[] ErrorWords = ["error", "fatal", "exception", "panic:", "failed", "denied", "not found", "no such file", "cannot ", "traceback", "segmentation fault", "out of memory"];
    private static readonly string[] InnocentWords = ["0 error", "no error", "0 failed", "errors: 0", "error(s): 0"];

    /// <summary>The text without its colours.</summary>
    public static string Visible(string text)
    {
        if (!text.Contains('\u001b'))
        {
            return text;
        }

        var visible = new System.Text.StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\u001b')
            {
                visible.Append(text[at]);
            }
            else if (text.IndexOf('m', at) is > 0 and var end)
            {
                at = end;
            }
        }

        return visible.ToString();
    }

    /// <summary>Says whether a line reads like the report of an error.</summary>
    public static bool LooksLikeError(string text)
    {
        var visible = Visible(text);
        return Array.Exists(ErrorWords, w => visible.Contains(w, StringComparison.OrdinalIgnoreCase))
            && !Array.Exists(InnocentWords, w => visible.Contains(w, StringComparison.OrdinalIgnoreCase));
    }
}
