using System.Text.Json;
using DevOps.Core.Refusals;

namespace DevOps.Core.Webhooks;

/// <summary>Reads what a delivery says. Call only after <see cref="WebhookSignature"/> said that it is good.</summary>
public static class DeliveryReader
{
    /// <summary>Longest id that is kept, in characters.</summary>
    public const int MaxId = 200;

    private const int MaxEvent = 100;

    /// <summary>Reads a delivery.</summary>
    /// <exception cref="InvalidInput">It is no JSON object, or lacks what a push has.</exception>
    public static DeliveryContent Read(WebhookProvider provider, WebhookHeaders headers, ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidInput("body", "A delivery is a JSON object.");
        }

        var (name, isPush) = EventOf(provider, headers, root);
        name = Excerpt.Of(name, MaxEvent);
        return !isPush ? new DeliveryContent(name, [], null) : provider switch
        {
            WebhookProvider.Bitbucket => new DeliveryContent(name, BitbucketPush.Read(root), root.Text("actor", "nickname") ?? root.Text("actor", "display_name")),
            WebhookProvider.Generic => new DeliveryContent(name, [GenericPush.Read(root)], null),
            _ => new DeliveryContent(name, [ForgePush.Read(provider, root)], ForgePush.SenderOf(root)),
        };
    }

    /// <summary>What the sender calls this delivery, the same when it sends it again; null when it has no name for it.</summary>
    public static string? IdOf(WebhookProvider provider, WebhookHeaders headers)
    {
        var id = provider switch
        {
            WebhookProvider.Github => headers["X-GitHub-Delivery"],
            WebhookProvider.Gitlab => headers.First("webhook-id", "Idempotency-Key", "X-Gitlab-Event-UUID"),
            WebhookProvider.Gitea => headers.First("X-Forgejo-Delivery", "X-Gitea-Delivery", "X-Gogs-Delivery"),
            WebhookProvider.Bitbucket => headers.First("X-Request-UUID", "X-Request-Id"),
            _ => headers["Idempotency-Key"],
        };
        return id is { Length: <= MaxId } && !TextRule.HasControl(id) ? id : null;
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException error)
        {
            throw new InvalidInput("body", $"This is not JSON: line {(error.LineNumber ?? 0) + 1}, byte {(error.BytePositionInLine ?? 0) + 1}.");
        }
    }

    // The event's header is not part of what is signed: where the body says itself what it is, the body is believed.
    private static (string Name, bool IsPush) EventOf(WebhookProvider provider, WebhookHeaders headers, JsonElement root)
    {
        var name = provider switch
        {
            WebhookProvider.Github => headers["X-GitHub-Event"] ?? (root.TryGetProperty("zen", out _) ? "ping" : "push"),
            WebhookProvider.Gitlab => root.Text("object_kind") ?? headers["X-Gitlab-Event"] ?? "push",
            WebhookProvider.Gitea => headers.First("X-Forgejo-Event", "X-Gitea-Event", "X-Gogs-Event") ?? "push",
            WebhookProvider.Gitee => headers["X-Gitee-Ping"] is not null ? "ping" : root.Text("hook_name") ?? headers["X-Gitee-Event"] ?? "push",
            WebhookProvider.Bitbucket => headers["X-Event-Key"] ?? "repo:push",
            _ => "push",
        };
        return (name, name is "push" or "tag_push" or "repo:push" or "push_hooks" or "tag_push_hooks" or "Push Hook" or "Tag Push Hook");
    }
}
