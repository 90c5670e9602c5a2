using System.Text.RegularExpressions;
using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Docker;

/// <summary>An image's name, taken apart as the engine wants it.</summary>
/// <param name="Repository">Registry and path.</param>
/// <param name="Tag">Tag or digest; <c>latest</c> when none is given, so that the engine does not pull every tag there is.</param>
public sealed partial record ImageName(string Repository, string Tag)
{
    /// <summary>The whole name, for paths and messages.</summary>
    public string Full => Tag.Contains(':', StringComparison.Ordinal) ? $"{Repository}@{Tag}" : $"{Repository}:{Tag}";

    /// <summary>Reads a name.</summary>
    /// <exception cref="StepFailure">It is not one.</exception>
    public static ImageName Parse(string text)
    {
        var match = text.Length <= 400 ? Form().Match(text) : Match.Empty;
        if (!match.Success)
        {
            throw new StepFailure($"image {text[..Math.Min(text.Length, 400)]} cannot be had: that is not an image name such as node:22 or registry.example.com/team/app:1.0");
        }

        var digest = match.Groups["digest"].Value;
        var tag = match.Groups["tag"].Value;
        return new ImageName(match.Groups["repository"].Value, digest.Length > 0 ? digest : tag.Length > 0 ? tag : "latest");
    }

    [GeneratedRegex(@"\A(?<repository>[a-zA-Z0-9]+(?:[._-]+[a-zA-Z0-9]+)*(?::[0-9]{1,5}(?=/))?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
