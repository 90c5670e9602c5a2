using DevOps.Core.Deployments;
using DevOps.Core.Webhooks;

namespace DevOps.Blazor.Ui;

/// <summary>How strongly a status speaks; each has one pair of colours.</summary>
public enum Tone
{
    /// <summary>Nothing to see.</summary>
    Neutral,

    /// <summary>Something is under way.</summary>
    Busy,

    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Waits for someone, or is not quite right.</summary>
    Warn,

    /// <summary>Went wrong.</summary>
    Bad,
}

/// <summary>The only place that turns a status into a label, an icon and a tone.</summary>
/// <param name="Label">Key of the label in the shell's texts.</param>
/// <param name="Icon">Name of the icon.</param>
/// <param name="Tone">How strongly it speaks.</param>
public sealed record StatusLook(string Label, string Icon, Tone Tone)
{
    private static readonly StatusLook Unknown = new("StatusUnknown", "help", Tone.Neutral);

    /// <summary>The look of a deployment.</summary>
    public static StatusLook Of(DeploymentStatus status) => status switch
    {
        DeploymentStatus.PendingApproval => new("StatusPendingApproval", "approval", Tone.Warn),
        DeploymentStatus.Queued => new("StatusQueued", "schedule", Tone.Neutral),
        DeploymentStatus.Running => new("StatusRunning", "progress_activity", Tone.Busy),
        DeploymentStatus.Succeeded => new("StatusSucceeded", "check_circle", Tone.Good),
        DeploymentStatus.Failed => new("StatusFailed", "error", Tone.Bad),
        DeploymentStatus.Cancelled => new("StatusCancelled", "block", Tone.Neutral),
        DeploymentStatus.Rejected => new("StatusRejected", "thumb_down", Tone.Bad),
        DeploymentStatus.Superseded => new("StatusSuperseded", "fast_forward", Tone.Neutral),
        _ => Unknown,
    };

    /// <summary>The look of a deployment with what became of its servers.</summary>
    public static StatusLook Of(DeploymentStatus status, RollbackState rollback) => (status, rollback) switch
    {
        (DeploymentStatus.Failed, RollbackState.Complete) => new("StatusFailedRolledBack", "settings_backup_restore", Tone.Bad),
        (DeploymentStatus.Failed, RollbackState.Partial) => new("StatusFailedPartial", "error", Tone.Bad),
        (DeploymentStatus.Cancelled, RollbackState.Partial) => new("StatusCancelledPartial", "error", Tone.Bad),
        _ => Of(status),
    };

    /// <summary>The look of a deployment that may have stopped on its way for a person or a time.</summary>
    public static StatusLook Of(DeploymentStatus status, RollbackState rollback, bool waits) =>
        status == DeploymentStatus.Running && waits ? new("StatusPaused", "pause_circle", Tone.Warn) : Of(status, rollback);

    /// <summary>The look of a webhook that was received.</summary>
    public static StatusLook Of(DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Accepted => new("DeliveryAccepted", "rocket_launch", Tone.Good),
        DeliveryOutcome.Ignored => new("DeliveryIgnored", "remove", Tone.Neutral),
        DeliveryOutcome.Unreadable => new("DeliveryUnreadable", "broken_image", Tone.Warn),
        DeliveryOutcome.Rejected => new("DeliveryRejected", "gpp_bad", Tone.Bad),
        _ => Unknown,
    };

    /// <summary>The look of a step.</summary>
    public static StatusLook Of(StepStatus status) => status switch
    {
        StepStatus.Pending => new("StepPending", "radio_button_unchecked", Tone.Neutral),
        StepStatus.Running => new("StatusRunning", "progress_activity", Tone.Busy),
        StepStatus.Succeeded => new("StatusSucceeded", "check_circle", Tone.Good),
        StepStatus.Failed => new("StatusFailed", "error", Tone.Bad),
        StepStatus.Skipped => new("StepSkipped", "skip_next", Tone.Neutral),
        StepStatus.Cancelled => new("StatusCancelled", "block", Tone.Neutral),
        _ => Unknown,
    };

    /// <summary>The look of one server of a deployment.</summary>
    public static StatusLook Of(ServerStatus status) => status switch
    {
        ServerStatus.Pending => new("StepPending", "radio_button_unchecked", Tone.Neutral),
        ServerStatus.Running => new("StatusRunning", "progress_activity", Tone.Busy),
        ServerStatus.Succeeded => new("StatusSucceeded", "check_circle", Tone.Good),
        ServerStatus.Failed => new("StatusFailed", "error", Tone.Bad),
        ServerStatus.Skipped => new("StepSkipped", "skip_next", Tone.Neutral),
        ServerStatus.RolledBack => new("ServerRolledBack", "settings_backup_restore", Tone.Warn),
        _ => Unknown,
    };

    /// <summary>The look of a release's health; null where no check was asked for.</summary>
    public static StatusLook OfHealth(bool? healthy) => healthy switch
    {
        true => new("Healthy", "favorite", Tone.Good),
        false => new("Unhealthy", "heart_broken", Tone.Bad),
        null => new("HealthNotChecked", "favorite_border", Tone.Neutral),
    };

    /// <summary>The look of a server that runs another release than was deployed.</summary>
    public static StatusLook OfDrift() => new("Drifted", "difference", Tone.Warn);

    /// <summary>The look of a server: reachable, not, or not checked yet; another host key is worst.</summary>
    /// <param name="reachable">Result of the last check, or null before the first.</param>
    /// <param name="pinned">Whether a host key is confirmed.</param>
    /// <param name="keyChanged">Whether the last check saw another key than the confirmed one.</param>
    public static StatusLook OfServer(bool? reachable, bool pinned, bool keyChanged) => (reachable, pinned, keyChanged) switch
    {
        (_, _, true) => new("ServerKeyChanged", "gpp_maybe", Tone.Bad),
        (_, false, _) => new("ServerKeyNotConfirmed", "vpn_key_alert", Tone.Warn),
        (true, _, _) => new("ServerReachable", "check_circle", Tone.Good),
        (false, _, _) => new("ServerUnreachable", "cloud_off", Tone.Bad),
        _ => new("ServerNotChecked", "help", Tone.Neutral),
    };
}
