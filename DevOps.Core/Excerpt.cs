namespace DevOps.Core;

/// <summary>The beginning of a text that is too long. No character is cut in two: half of one can neither be stored nor sent.</summary>
public static class Excerpt
{
    /// <summary>The text, or as much of it as fits.</summary>
    /// <param name="text">The text.</param>
    /// <param name="max">Longest result, in UTF-16 units, above 0.</param>
    public static string Of(string text, int max) => text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];

    /// <summary>The text, or as much of it as fits with a <c>…</c> at the end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="max">Longest result, in UTF-16 units, above 1.</param>
    public static string Shortened(string text, int max) => text.Length <= max ? text : Of(text, max - 1) + "…";
}
