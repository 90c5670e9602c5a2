using DevOps.Core.Refusals;
using DevOps.Core.Secrets;

namespace DevOps.Core.Notifications;

/// <summary>A channel as a person wants it.</summary>
public sealed record ChannelDraft
{
    /// <summary>Longest secret, in characters.</summary>
    public const int MaxSecret = 500;

    /// <summary>Slug.</summary>
    public required string Name { get; init; }

    /// <summary>What stands behind the address.</summary>
    public required ChannelKind Kind { get; init; }

    /// <summary>Address: https (or http) for all kinds but mail; for mail <c>mailto:</c> or plain addresses with commas.</summary>
    public required string Url { get; init; }

    /// <summary>Signing secret: null leaves the stored one as it is, empty removes it.</summary>
    public Sensitive? Secret { get; init; }

    /// <summary>States of a deployment that are told.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Keys of projects; empty for all.</summary>
    public IReadOnlyList<string> Projects { get; init; } = [];

    /// <summary>Notes everything that cannot be accepted.</summary>
    public void Check(Faults faults)
    {
        Slug.Check(Name, "name", faults);
        CheckUrl(faults);
        CheckSecret(faults);
        faults.When(Events.Count == 0, "events", $"Name at least one of {string.Join(", ", ChannelEvents.All)}.");
        foreach (var (field, value) in TextRule.CheckList(Events, ChannelEvents.All.Count, "events", faults))
        {
            faults.When(!ChannelEvents.All.Contains(value, StringComparer.Ordinal), field, $"Use one of {string.Join(", ", ChannelEvents.All)}.");
        }

        foreach (var (field, value) in TextRule.CheckList(Projects, 200, "projects", faults))
        {
            faults.When(!Slug.IsValid(value), field, "This is not the key of a project.");
        }
    }

    private void CheckUrl(Faults faults)
    {
        TextRule.CheckLine(Url, 2000, "url", faults, required: true);
        if (Kind == ChannelKind.Email)
        {
            faults.When(MailAddresses.Read(Url) is null, "url", $"Name 1 to {MailAddresses.Most} mail addresses, with commas between them.");
            return;
        }

        var known = Uri.TryCreate(Url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http";
        faults.When(!known, "url", "Use an address that begins with https:// or http://.");
        faults.When(known && uri!.UserInfo.Length > 0, "url", "A user or password cannot be part of the address.");
    }

    private void CheckSecret(Faults faults)
    {
        var secret = Secret?.Reveal() ?? "";
        TextRule.CheckLine(secret, MaxSecret, "secret", faults);
        faults.When(secret.Length > 0 && (Kind is ChannelKind.Wecom or ChannelKind.Slack or ChannelKind.Teams or ChannelKind.Email), "secret", "This kind of channel is not signed; leave the secret empty.");
        faults.When(Kind == ChannelKind.Webhook && !StandardSignature.IsKey(secret), "secret", "What follows whsec_ must be base64.");
    }
}
