using System.Text.RegularExpressions;
using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>The forms of what the container engine is given by name.</summary>
public static partial class ContainerNames
{
    private const int MaxImageLength = 500;

    // Kept folders must not cover what the platform or the image's system needs.
    private static readonly string[] ForbiddenTrees = ["/workspace", "/proc", "/sys", "/dev", "/etc", "/bin", "/sbin", "/lib", "/lib64", "/boot"];
    private static readonly string[] ForbiddenFolders = ["/usr", "/usr/bin", "/usr/lib", "/usr/sbin", "/var", "/run", "/home", "/root", "/tmp", "/opt"];

    /// <summary>Says whether a text is an image reference: <c>[registry[:port]/]name[:tag][@digest]</c>.</summary>
    /// <remarks>Grammar of the distribution project's reference package.</remarks>
    public static bool IsImage(string text) => text.Length is > 0 and <= MaxImageLength && Image().IsMatch(text);

    /// <summary>Says whether a text is the name of a network of the engine. <c>container:…</c>, which would join another container, is none.</summary>
    public static bool IsNetwork(string text) => Network().IsMatch(text);

    /// <summary>Says what is wrong with a folder to be kept between builds, or null when nothing is.</summary>
    public static Sentence? CacheFault(string path) => path switch
    {
        _ when path.Length > 200 || !Folder().IsMatch(path) => Sentence.Of("Give an absolute folder of 200 characters at most, of letters, digits and . _ - + @ only."),
        _ when path.Split('/').Any(part => part is "." or "..") => "The parts . and .. cannot be used.",
        _ when ForbiddenTrees.Any(tree => DeployPath.IsAtOrBelow(path, tree)) || ForbiddenFolders.Contains(path, StringComparer.Ordinal) =>
            "This folder cannot be kept: the build needs it as the image or the source has it. Name the tool's own folder, such as /root/.npm.",
        _ => null,
    };

    [GeneratedRegex(
        @"\A(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*(?::[0-9]{1,5})?/)?"
        + @"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*"
        + @"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,128})?\z",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Image();

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Network();

    [GeneratedRegex(@"\A(?:/[A-Za-z0-9._@+][A-Za-z0-9._@+-]*)+\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Folder();
}
