using System.Text;

namespace DevOps.Tests.Fixtures;

/// <summary>Writes tree objects that git itself would refuse to make, as an attacker pushes them.</summary>
public static class CraftedTree
{
    /// <summary>A commit on <c>main</c> whose root tree has these entries, unchecked.</summary>
    /// <param name="repository">Where to write it.</param>
    /// <param name="entries">Mode, name and object.</param>
    /// <returns>The full hash.</returns>
    public static string Commit(GitFixture repository, params (string Mode, string Name, string Sha)[] entries)
    {
        var commit = repository.Git("commit-tree", Write(repository, entries), "-m", "Crafted");
        repository.Git("update-ref", "refs/heads/main", commit);
        return commit;
    }

    /// <summary>A tree.</summary>
    public static string Write(GitFixture repository, params (string Mode, string Name, string Sha)[] entries)
    {
        var file = Path.Combine(repository.Root, "crafted");
        using (var stream = File.Create(file))
        {
            foreach (var (mode, name, sha) in entries)
            {
                stream.Write(Encoding.UTF8.GetBytes($"{mode} {name}\0"));
                stream.Write(Convert.FromHexString(sha));
            }
        }

        return repository.Git("hash-object", "-t", "tree", "--literally", "-w", file);
    }

    /// <summary>A file's content, such as the target of a link.</summary>
    public static string Blob(GitFixture repository, string text)
    {
        var file = Path.Combine(repository.Root, "blob");
        File.WriteAllText(file, text);
        return repository.Git("hash-object", "-w", "--no-filters", file);
    }
}
