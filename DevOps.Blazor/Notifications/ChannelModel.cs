using DevOps.Core.Notifications;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Notifications;

namespace DevOps.Blazor.Notifications;

/// <summary>A channel as it stands in the form.</summary>
public sealed class ChannelModel
{
    /// <summary>Slug.</summary>
    public string Name { get; set; } = "";

    /// <summary>What stands behind the address.</summary>
    public ChannelKind Kind { get; set; } = ChannelKind.Dingtalk;

    /// <summary>The address.</summary>
    public string Url { get; set; } = "";

    /// <summary>A new signing secret; empty leaves the stored one.</summary>
    public string Secret { get; set; } = "";

    /// <summary>Whether the stored secret goes.</summary>
    public bool RemoveSecret { get; set; }

    /// <summary>States that are told.</summary>
    public HashSet<string> Events { get; init; } = new(ChannelEvents.Usual, StringComparer.Ordinal);

    /// <summary>Keys of projects; none for all.</summary>
    public HashSet<string> Projects { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Fills the form from a channel.</summary>
    public static ChannelModel Of(ChannelView view) => new()
    {
        Name = view.Name,
        Kind = view.Kind,
        Url = view.Url,
        Events = new HashSet<string>(view.Events, StringComparer.Ordinal),
        Projects = new HashSet<string>(view.Projects, StringComparer.Ordinal),
    };

    /// <summary>What the form says.</summary>
    public ChannelDraft Draft() => new()
    {
        Name = Name.Trim(),
        Kind = Kind,
        Url = Url.Trim(),
        Secret = ChannelLook.Signs(Kind) && Secret.Length > 0 ? new Sensitive(Secret) : RemoveSecret || !ChannelLook.Signs(Kind) ? new Sensitive("") : null,
        Events = [.. ChannelEvents.All.Where(Events.Contains)],
        Projects = [.. Projects.Order(StringComparer.Ordinal)],
    };
}
