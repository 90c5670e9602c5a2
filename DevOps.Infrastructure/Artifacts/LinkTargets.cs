using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Artifacts;

/// <summary>Checks that symbolic links stay inside the workspace, through every other link on their way.</summary>
internal static class LinkTargets
{
    private const int MaxLinks = 40;

    /// <summary>Reads the target of a link.</summary>
    /// <exception cref="StepFailure">The target is absolute, leads outside, or goes in circles.</exception>
    public static string Read(string root, string path)
    {
        var target = new FileInfo(Path.Combine(root, path)).LinkTarget ?? throw new StepFailure($"The link '{path}' changed while it was packed.");
        if (target.Length == 0 || target[0] == '/')
        {
            throw new StepFailure($"The link '{path}' points to the absolute path '{target}', which is another place on a server. Make it relative, or leave it out with '!{path}'.");
        }

        RequireInside(root, path, target);
        return target;
    }

    private static void RequireInside(string root, string path, string target)
    {
        var place = path.Split('/').SkipLast(1).ToList();
        var ahead = new Stack<string>(target.Split('/').Reverse());
        var links = 0;
        while (ahead.TryPop(out var part))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part is not "..")
            {
                place.Add(part);
                Follow(root, path, place, ahead, ref links);
            }
            else if (place.Count == 0)
            {
                throw Leaves(path, target);
            }
            else
            {
                place.RemoveAt(place.Count - 1);
            }
        }
    }

    private static void Follow(string root, string path, List<string> place, Stack<string> ahead, ref int links)
    {
        var next = new FileInfo(Path.Combine([root, .. place])).LinkTarget;
        if (next is null)
        {
            return;
        }

        if (++links > MaxLinks || next.Length == 0 || next[0] == '/')
        {
            throw Leaves(path, next);
        }

        place.RemoveAt(place.Count - 1);
        foreach (var part in next.Split('/').Reverse())
        {
            ahead.Push(part);
        }
    }

    private static StepFailure Leaves(string path, string target) =>
        new($"The link '{path}' leads out of the workspace (by '{target}') or in circles. A release holds only what is inside; remove the link, or leave it out with '!{path}'.");
}
