using System.Text.RegularExpressions;
using DevOps.Core.Refusals;

namespace DevOps.Core;

/// <summary>The form of every key and name: <c>^[a-z][a-z0-9-]{0,39}$</c>.</summary>
public static partial class Slug
{
    /// <summary>Says whether a text may be a key or a name.</summary>
    public static bool IsValid(string? text) => text is not null && Form().IsMatch(text);

    /// <summary>Notes a fault when the text is no slug, or the one that stands for "make a new one" in the addresses of pages.</summary>
    public static void Check(string? text, string field, Faults faults)
    {
        faults.When(!IsValid(text), field, "Use 1 to 40 small letters, digits and hyphens, beginning with a letter.");
        faults.When(string.Equals(text, "new", StringComparison.Ordinal), field, "The pages use the word \"new\" themselves. Choose another one.");
    }

    // \z, not $: $ also matches before a line feed at the end.
    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,39}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
