using System.Text.Json;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;

namespace DevOps.Core.Webhooks;

/// <summary>The body of any other sender: <c>{"ref": "main", "commit": "…"}</c>.</summary>
internal static class GenericPush
{
    /// <summary>Reads the push.</summary>
    /// <exception cref="InvalidInput">The reference is missing, or the commit is no hash.</exception>
    public static Push Read(JsonElement root)
    {
        var (kind, name) = PushFields.Ref(root.Text("ref"), "ref");
        var commit = root.Text("commit");
        if (commit is not null && !GitReference.MayBeHash(commit))
        {
            throw new InvalidInput("commit", "A commit is 7 to 64 hexadecimal digits.");
        }

        return new Push { Kind = kind, Name = name, Commit = commit?.ToLowerInvariant() };
    }
}
