using DevOps.Core;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Deployments;

/// <summary>An error as rows keep it: the English text, and the sentence that can be said in other languages.</summary>
internal static class StoredError
{
    private const int MaxText = 8000;

    /// <summary>What a row gets, cut to what it holds.</summary>
    public static (string? Text, Sentence? Sentence) Split(Sentence? error) => (error is null ? null : Cut(error.ToString()), error?.Map(Cut));

    /// <summary>What is shown of a row.</summary>
    public static Sentence? Of(Sentence? sentence, string? text) => sentence ?? (text is null ? null : Sentence.Verbatim(text));

    private static string Cut(string text) => Excerpt.Of(text, MaxText);
}
