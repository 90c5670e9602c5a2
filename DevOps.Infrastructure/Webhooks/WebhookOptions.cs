namespace DevOps.Infrastructure.Webhooks;

/// <summary>Limits of the doors for webhooks. Section <c>DevOps:Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "DevOps:Webhooks";

    /// <summary>Deliveries with a bad signature that one address may send to one project in a minute. Beyond it, everything from there is answered with 429.</summary>
    public int RejectedPerMinute { get; set; } = 120;

    /// <summary>Deliveries that one address may send to one project in a minute.</summary>
    public int PerMinute { get; set; } = 60_000;
}
