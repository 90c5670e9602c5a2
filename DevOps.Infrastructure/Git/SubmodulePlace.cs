using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Git;

/// <summary>Finds where in a workspace a submodule belongs. Its path comes from whoever can push: it must not lead out of the workspace, nor through a
/// link that another part of the same commit has put there.</summary>
internal static class SubmodulePlace
{
    /// <summary>The folder.</summary>
    /// <param name="workspace">The workspace of the repository that has the submodule, with its files.</param>
    /// <param name="path">Path of the submodule as the commit has it.</param>
    /// <exception cref="StepFailure">The path is not accepted.</exception>
    public static string Find(string workspace, string path)
    {
        var parts = path.Split('/');
        if (Array.Exists(parts, p => p is "" or "." or ".." || p.Equals(".git", StringComparison.OrdinalIgnoreCase) || p.Any(char.IsControl)))
        {
            throw new StepFailure($"The path of a submodule is not accepted: it must stay inside the repository, without .git and control characters.");
        }

        var folder = workspace;
        foreach (var part in parts[..^1])
        {
            folder = Path.Combine(folder, part);
            if (new FileInfo(folder).LinkTarget is not null)
            {
                throw new StepFailure($"The submodule '{path}' lies behind a link. Move it to a folder of its own.");
            }
        }

        return Path.Combine(folder, parts[^1]);
    }
}
