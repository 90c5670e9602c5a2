using System.Text.Json;
using DevOps.Core.Refusals;

namespace DevOps.Core.Webhooks;

/// <summary>Bitbucket tells of several branches and tags at once, and never of files.</summary>
internal static class BitbucketPush
{
    private const int MaxChanges = 100;

    /// <summary>Reads the changes.</summary>
    /// <exception cref="InvalidInput">It lacks what a push has.</exception>
    public static List<Push> Read(JsonElement root)
    {
        var changes = (root.TryGetProperty("push", out var push) ? push.Items("changes") : null) ?? throw new InvalidInput("push.changes", "A push says what changed.");
        return [.. changes.Take(MaxChanges).Select(Change)];
    }

    private static Push Change(JsonElement change)
    {
        if (change.ValueKind == JsonValueKind.Object && change.TryGetProperty("new", out var now) && now.ValueKind == JsonValueKind.Object)
        {
            var (_, name) = PushFields.Ref(now.Text("name"), "push.changes.new.name");
            return new Push
            {
                Kind = KindOf(now),
                Name = name,
                Commit = PushFields.Commit(now.Text("target", "hash"), "push.changes.new.target.hash"),
                Message = PushFields.Message(now.Text("target", "message")),
                Author = PushFields.Author(now.Text("target", "author", "user", "display_name") ?? now.Text("target", "author", "raw")),
            };
        }

        if (change.ValueKind == JsonValueKind.Object && change.TryGetProperty("old", out var old) && old.ValueKind == JsonValueKind.Object)
        {
            var (_, name) = PushFields.Ref(old.Text("name"), "push.changes.old.name");
            return new Push { Kind = KindOf(old), Name = name, Deleted = true };
        }

        throw new InvalidInput("push.changes", "A change names what is new, or what was there before.");
    }

    private static PushedKind KindOf(JsonElement element) => element.Text("type") is "tag" or "annotated_tag" ? PushedKind.Tag : PushedKind.Branch;
}
