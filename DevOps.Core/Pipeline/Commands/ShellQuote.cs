using System.Text;

namespace DevOps.Core.Pipeline.Commands;

/// <summary>The one place where a value becomes a word of a POSIX shell.</summary>
/// <remarks>POSIX.1-2017, Shell Command Language, 2.2.2: between single quotes every character stands for itself; a single quote is written as <c>'\''</c>.</remarks>
public static class ShellQuote
{
    /// <summary>Quotes one value so that the shell sees exactly its characters as one word.</summary>
    /// <exception cref="ArgumentException">The value holds a NUL, which no argument can carry.</exception>
    public static string Word(string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("A shell word cannot hold a NUL character.", nameof(value));
        }

        return value.Length > 0 && value.All(IsPlain) && value[0] != '-' ? value : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }

    /// <summary>Quotes each value and joins them with blanks.</summary>
    public static string Words(params IEnumerable<string> values)
    {
        var line = new StringBuilder();
        foreach (var value in values)
        {
            line.Append(line.Length > 0 ? " " : "").Append(Word(value));
        }

        return line.ToString();
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or ':' or ',' or '+' or '@' or '%';
}
