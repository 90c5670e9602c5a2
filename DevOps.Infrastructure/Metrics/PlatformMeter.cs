using System.Diagnostics.Metrics;

namespace DevOps.Infrastructure.Metrics;

/// <summary>What the platform counts about itself. Labels take few values: no names of projects, servers or people.</summary>
public static class PlatformMeter
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "DevOps";

    private static readonly Meter Meter = new(Name);

    /// <summary>Deployments that this process gave a final state, by <c>status</c>.</summary>
    public static Counter<long> DeploymentsEnded { get; } = Meter.CreateCounter<long>("devops.deployments.ended", description: "Deployments that reached a final state here.");

    /// <summary>How long deployments ran, from the moment a runner took them to their final state.</summary>
    public static Histogram<double> DeploymentDuration { get; } = Meter.CreateHistogram(
        "devops.deployment.duration",
        "s",
        "Time a deployment ran.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600] });

    /// <summary>Lines of deployments' logs that were stored.</summary>
    public static Counter<long> LogLines { get; } = Meter.CreateCounter<long>("devops.log.lines", description: "Log lines stored.");

    /// <summary>Answers to webhooks, by <c>provider</c> and <c>code</c>.</summary>
    public static Counter<long> WebhookAnswers { get; } = Meter.CreateCounter<long>("devops.webhook.answers", description: "Answers to webhooks.");

    /// <summary>Messages to channels, by <c>kind</c> and <c>outcome</c>.</summary>
    public static Counter<long> Notifications { get; } = Meter.CreateCounter<long>("devops.notifications", description: "Tries to send a message.");

    /// <summary>Pages that are open.</summary>
    public static UpDownCounter<long> Circuits { get; } = Meter.CreateUpDownCounter<long>("devops.circuits", description: "Pages that are open.");
}
