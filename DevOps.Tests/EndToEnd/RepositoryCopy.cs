using DevOps.Tests.Fixtures;

namespace DevOps.Tests.EndToEnd;

/// <summary>This repository's files, as they stand in the work tree, as a git repository of their own.</summary>
internal static class RepositoryCopy
{
    private static readonly string[] Parts = ["DevOps.Core", "DevOps.Infrastructure", "DevOps.Blazor", "global.json", "Directory.Build.props", "Directory.Packages.props", ".editorconfig"];

    public static GitFixture Make()
    {
        var copy = new GitFixture("self");
        foreach (var file in Parts.Select(p => Path.Combine(Repository.Root, p)).SelectMany(FilesOf))
        {
            var target = Path.Combine(copy.Folder, Path.GetRelativePath(Repository.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        copy.Commit("The platform as it is");
        return copy;
    }

    private static IEnumerable<string> FilesOf(string path) => File.Exists(path)
        ? [path]
        : Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(f => !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/obj/", StringComparison.Ordinal));
}
