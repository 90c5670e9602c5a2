using System.Text;
using DevOps.Core.Refusals;

namespace DevOps.Core;

/// <summary>Rules for text that people give: lengths, and which characters cannot be part of it.</summary>
public static class TextRule
{
    /// <summary>Most lines of a script.</summary>
    public const int MaxScriptLines = 200;

    /// <summary>Most bytes of a script (UTF-8).</summary>
    public const int MaxScriptBytes = 64 * 1024;

    /// <summary>Says whether a text holds a control character (a line feed counts as one).</summary>
    public static bool HasControl(string text) => text.Any(char.IsControl);

    /// <summary>Notes a fault when a text is no single line of at most <paramref name="max"/> characters.</summary>
    public static void CheckLine(string? text, int max, string field, Faults faults, bool required = false)
    {
        faults.When(required && string.IsNullOrWhiteSpace(text), field, "This is needed.");
        faults.When(text?.Length > max, field, $"Use {max} characters at most.");
        faults.When(text is not null && HasControl(text), field, "Control characters and line breaks cannot be part of it.");
    }

    /// <summary>Notes a fault when a text of several lines is too long or holds control characters besides line feed and tab.</summary>
    public static void CheckText(string? text, int max, string field, Faults faults)
    {
        faults.When(text?.Length > max, field, $"Use {max} characters at most.");
        faults.When(text?.Any(IsForbiddenInText) == true, field, "Control characters cannot be part of it.");
    }

    /// <summary>Notes faults in the lines of a script. One entry may hold several lines.</summary>
    public static void CheckScript(IReadOnlyList<string> script, string field, Faults faults)
    {
        var lines = 0;
        long bytes = 0;
        for (var i = 0; i < script.Count && i <= MaxScriptLines; i++)
        {
            if (script[i] is not { } line)
            {
                faults.Add($"{field}[{i}]", "A line must be text.");
                continue;
            }

            lines += 1 + line.Count(c => c == '\n');
            bytes += Encoding.UTF8.GetByteCount(line) + 1;
            faults.When(line.Any(IsForbiddenInText), $"{field}[{i}]", "Control characters cannot be part of a script (a carriage return is one: save the lines with LF ends).");
        }

        faults.When(lines > MaxScriptLines || script.Count > MaxScriptLines, field, $"Use {MaxScriptLines} lines at most; put longer scripts into the repository.");
        faults.When(bytes > MaxScriptBytes, field, $"Use {MaxScriptBytes / 1024} KiB at most; put longer scripts into the repository.");
    }

    /// <summary>Notes faults in a list: too many entries, entries that are null, the same one twice.</summary>
    /// <returns>The entries that are text, with the field each stands in.</returns>
    public static IEnumerable<(string Field, string Value)> CheckList(IReadOnlyList<string> list, int max, string field, Faults faults)
    {
        faults.When(list.Count > max, field, $"There can be {max} at most.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<(string, string)>();
        for (var i = 0; i < Math.Min(list.Count, max); i++)
        {
            var path = $"{field}[{i}]";
            if (list[i] is not { } value)
            {
                faults.Add(path, "This must be text.");
                continue;
            }

            faults.When(!seen.Add(value), path, "This stands here twice.");
            entries.Add((path, value));
        }

        return entries;
    }

    private static bool IsForbiddenInText(char c) => char.IsControl(c) && c is not ('\n' or '\t');
}
