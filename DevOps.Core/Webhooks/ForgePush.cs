using System.Text.Json;
using DevOps.Core.Refusals;

namespace DevOps.Core.Webhooks;

/// <summary>The push of GitHub and of those whose body looks like it: GitLab, Gitea, Forgejo, Gogs, Gitee.</summary>
internal static class ForgePush
{
    // Up to this many commits a sender that does not count them itself surely names all of them. GitHub names 2,048, older GitHub Enterprise 20;
    // GitLab 20; Gitea 5, Gitee 10 at least.
    private static readonly Dictionary<WebhookProvider, int> SurelyWhole = new()
    {
        [WebhookProvider.Github] = 19,
        [WebhookProvider.Gitlab] = 19,
        [WebhookProvider.Gitea] = 4,
        [WebhookProvider.Gitee] = 9,
    };

    /// <summary>Reads the push.</summary>
    /// <exception cref="InvalidInput">It lacks what a push has.</exception>
    public static Push Read(WebhookProvider provider, JsonElement root)
    {
        var (kind, name) = PushFields.Ref(root.Text("ref"), "ref");
        var after = root.Text("after");
        if (root.IsTrue("deleted") || PushFields.IsZeros(after))
        {
            return new Push { Kind = kind, Name = name, Deleted = true };
        }

        // The hash of an annotated tag is not that of its commit: where the sender names the commit, it is taken.
        var sha = PushFields.Commit(root.Text("head_commit", "id") ?? root.Text("checkout_sha") ?? after, "after");
        var commits = root.Items("commits") ?? [];
        var head = Head(root, commits, sha);
        return new Push
        {
            Kind = kind,
            Name = name,
            Commit = sha,
            Message = PushFields.Message(head.Text("message")),
            Author = PushFields.Author(head.Text("author", "name")),
            Paths = IsWhole(provider, root, commits) ? PathsOf(commits) : null,
        };
    }

    public static string? SenderOf(JsonElement root) =>
        root.Text("pusher", "login") ?? root.Text("pusher", "username") ?? root.Text("pusher", "name") ?? root.Text("user_username") ?? root.Text("user_name") ?? root.Text("sender", "login");

    private static JsonElement Head(JsonElement root, List<JsonElement> commits, string sha) =>
        root.TryGetProperty("head_commit", out var head) && head.ValueKind == JsonValueKind.Object ? head
        : commits.Find(c => string.Equals(c.Text("id"), sha, StringComparison.OrdinalIgnoreCase)) is { ValueKind: JsonValueKind.Object } named ? named
        : commits.LastOrDefault();

    // A new branch lists at most what no other branch has, a forced push not what it took away: neither says what differs from before.
    private static bool IsWhole(WebhookProvider provider, JsonElement root, List<JsonElement> commits)
    {
        if (commits.Count == 0 || PushFields.IsZeros(root.Text("before")) || root.IsTrue("created") || root.IsTrue("forced") || root.IsTrue("commits_more_than_ten"))
        {
            return false;
        }

        return (root.Number("total_commits_count") ?? root.Number("total_commits")) is { } total ? total <= commits.Count : commits.Count <= SurelyWhole[provider];
    }

    private static List<string>? PathsOf(List<JsonElement> commits)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var commit in commits)
        {
            foreach (var list in (ReadOnlySpan<string>)["added", "modified", "removed"])
            {
                if (commit.Items(list) is not { } files)
                {
                    return null;
                }

                paths.UnionWith(files.Select(f => f.Value()).OfType<string>());
            }
        }

        return [.. paths];
    }
}
