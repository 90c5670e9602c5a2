namespace DevOps.Infrastructure.Net;

/// <summary>Where the platform may be sent by addresses that people give (health checks, notifications). Section <c>Outgoing</c> of the configuration.
/// Metadata services, the database, the container engine and the platform itself are refused in any case.</summary>
public sealed class OutgoingOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Outgoing";

    /// <summary>Whether programs on the platform's own machine may be asked; needed where it deploys to itself.</summary>
    public bool AllowLoopback { get; set; } = true;

    /// <summary>Further networks that must not be asked, such as <c>10.1.0.0/16</c>.</summary>
    public IReadOnlyList<string> Forbidden { get; set; } = [];
}
