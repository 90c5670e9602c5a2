namespace DevOps.Core.Notifications;

/// <summary>A place where people hear of deployments. Its address and its secret are stored as secrets: many addresses are keys themselves.</summary>
public sealed class NotificationChannel
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>Slug, unique.</summary>
    public required string Name { get; set; }

    /// <summary>What stands behind the address.</summary>
    public ChannelKind Kind { get; set; }

    /// <summary>States of a deployment that are told, as words of the HTTP contract.</summary>
    public List<string> Events { get; set; } = [];

    /// <summary>Keys of the projects it is for; empty for all.</summary>
    public List<string> Projects { get; set; } = [];

    /// <summary>Whether a signing secret is stored.</summary>
    public bool HasSecret { get; set; }

    /// <summary>When it was made (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Rises with every change.</summary>
    public int Revision { get; set; } = 1;
}
