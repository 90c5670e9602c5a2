using System.Globalization;
using System.Text.RegularExpressions;
using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>What placeholders stand for on one server.</summary>
/// <param name="Host">Host name or address of the server.</param>
/// <param name="Server">Name of the server.</param>
/// <param name="Environment">Name of the environment.</param>
/// <param name="Project">Key of the project.</param>
/// <param name="Release">Number of the release.</param>
public sealed record PlaceholderValues(string Host, string Server, string Environment, string Project, int Release)
{
    /// <summary>Harmless values to try a template with.</summary>
    public static PlaceholderValues Sample { get; } = new("server.example", "server", "environment", "project", 1);
}

/// <summary>Fills <c>{host}</c>, <c>{server}</c>, <c>{environment}</c>, <c>{project}</c> and <c>{release}</c> into a path or an address.</summary>
public static partial class Placeholders
{
    private static readonly string[] Known = ["host", "server", "environment", "project", "release"];

    /// <summary>Fills in the values. What is filled in is not looked at again. In an address (<c>http://…</c>) an IPv6 host is put into brackets.</summary>
    /// <exception cref="FormatException">The template holds a brace that belongs to no known placeholder.</exception>
    public static string Expand(string template, PlaceholderValues values)
    {
        if (Fault(template) is { } fault)
        {
            throw new FormatException(fault.ToString());
        }

        var isAddress = template.Contains("://", StringComparison.Ordinal);
        return Form().Replace(template, match => match.Groups["name"].Value switch
        {
            "host" => isAddress && values.Host.Contains(':', StringComparison.Ordinal) ? $"[{values.Host}]" : values.Host,
            "server" => values.Server,
            "environment" => values.Environment,
            "project" => values.Project,
            _ => values.Release.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>Says what is wrong with the braces of a template, or null when nothing is.</summary>
    public static Sentence? Fault(string template)
    {
        var names = Form().Matches(template).Select(m => m.Groups["name"].Value).ToList();
        if (names.Find(n => !Known.Contains(n, StringComparer.Ordinal)) is { } unknown)
        {
            return $"There is no placeholder {{{unknown}}}. Known are {string.Join(", ", Known.Select(n => $"{{{n}}}"))}.";
        }

        return Form().Replace(template, "").AsSpan().IndexOfAny('{', '}') >= 0 ? Sentence.Of("A brace is left open. Braces are for placeholders only.") : null;
    }

    /// <summary>Says whether a template holds a placeholder.</summary>
    public static bool Has(string template, string name) => template.Contains($"{{{name}}}", StringComparison.Ordinal);

    [GeneratedRegex(@"\{(?<name>[^{}]{0,40})\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
