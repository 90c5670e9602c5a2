using System.IO.Enumeration;
using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Artifacts;

/// <summary>A path found in the workspace.</summary>
internal readonly record struct FoundPath(string Path, FileFacts Facts);

/// <summary>Goes through a workspace without following links.</summary>
internal static class FolderWalk
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false, ReturnSpecialDirectories = false };

    /// <summary>All files, links and special files below the prefixes, in no order.</summary>
    /// <exception cref="StepFailure">A folder cannot be read, or a name is not valid UTF-8.</exception>
    public static IEnumerable<FoundPath> Files(string root, IReadOnlyList<string> prefixes)
    {
        var open = new Stack<string>();
        open.Push("");
        while (open.TryPop(out var folder))
        {
            foreach (var name in NamesIn(Path.Combine(root, folder), folder))
            {
                var path = folder.Length == 0 ? name : $"{folder}/{name}";
                if (!IsRelated(path, prefixes))
                {
                    continue;
                }

                var facts = FileFacts.Read(Path.Combine(root, path)) ?? throw Unreadable(path);
                if (facts.Kind != FileKind.Folder)
                {
                    yield return new FoundPath(path, facts);
                }
                else if (name is not ".git")
                {
                    open.Push(path);
                }
            }
        }
    }

    private static List<string> NamesIn(string fullPath, string shown)
    {
        try
        {
            return [.. new FileSystemEnumerable<string>(fullPath, static (ref FileSystemEntry e) => e.FileName.ToString(), Everything)];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or DirectoryNotFoundException)
        {
            throw new StepFailure($"The folder '{(shown.Length == 0 ? "." : shown)}' of the workspace cannot be read.", inner: e);
        }
    }

    private static StepFailure Unreadable(string path) =>
        new($"'{path}' cannot be read: it was removed while packing, or its name is not valid UTF-8. Rename it, or leave it out with a pattern that begins with '!'.");

    /// <summary>Whether something below the path, or the path itself, can lie under a prefix.</summary>
    private static bool IsRelated(string path, IReadOnlyList<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (prefix.Length == 0 || IsAtOrBelow(path, prefix) || IsAtOrBelow(prefix, path))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAtOrBelow(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/');
}
