namespace DevOps.Infrastructure.Webhooks;

/// <summary>What the senders of a project's webhooks know; sealed.</summary>
public sealed class WebhookSecret
{
    public long ProjectId { get; set; }

    public required byte[] Current { get; set; }

    /// <summary>The one before, accepted until <see cref="PreviousUntil"/>.</summary>
    public byte[]? Previous { get; set; }

    public DateTimeOffset? PreviousUntil { get; set; }

    /// <summary>Purpose of the sealed value.</summary>
    public static string Purpose(long projectId) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"webhook/{projectId}");
}
