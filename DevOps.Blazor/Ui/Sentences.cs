using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using DevOps.Core.Refusals;
using Microsoft.Extensions.Localization;

namespace DevOps.Blazor;

/// <summary>Says sentences of the verbs in the reader's language; the one place where pages make text of them.
/// The English form is the key in <c>Resources/Sentences.*.resx</c>; without a line there it is said in English.</summary>
public sealed class Sentences(IStringLocalizer<Sentences> lines)
{
    /// <summary>The sentence as text; null for none.</summary>
    [return: NotNullIfNotNull(nameof(sentence))]
    public string? Say(Sentence? sentence) => sentence?.Say(format => lines[format].Value);

    /// <summary>The sentence in a language, whoever reads it.</summary>
    public string SayIn(string language, Sentence sentence)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
            return Say(sentence);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
