using System.Globalization;
using DevOps.Blazor.Logs;
using DevOps.Core.Deployments;
using DevOps.Infrastructure.Deployments;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace DevOps.Blazor.Deployments;

/// <summary>What a deployment is and where it stands.</summary>
public partial class DeploymentHeader
{
    // Beyond the usual time the bar waits just before its end.
    private const int Almost = 97;

    /// <summary>The deployment.</summary>
    [Parameter, EditorRequired]
    public required DeploymentDetail Deployment { get; set; }

    /// <summary>How long it usually takes.</summary>
    [Parameter]
    public TimeSpan? Usual { get; set; }

    /// <summary>Its buttons.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private IStringLocalizer<LogWords> Steps { get; set; } = default!;

    private bool Running => Deployment.Status == DeploymentStatus.Running;

    private bool Paused => Running && Deployment.WaitingFor is not null;

    private bool Cancelled => Deployment.Status == DeploymentStatus.Cancelled;

    // What somebody wished and what went well is not an alarm.
    private bool Calm => Cancelled && Deployment.Rollback != RollbackState.Partial;

    private string Headline => Deployment.Rollback switch
    {
        RollbackState.Complete => Cancelled ? "CancelledComplete" : "FailedComplete",
        RollbackState.Partial => Cancelled ? "CancelledPartial" : "FailedPartial",
        _ => Cancelled ? "WasCancelled" : "FailedPlain",
    };

    private string? Detail => Sentences.Say(Deployment.WaitingFor) ?? (Running ? Now : null);

    private string? Now => Deployment.Steps.LastOrDefault(s => s.Status == StepStatus.Running) is { } step
        ? Steps["Step-" + step.Name] + (step.Server is null ? "" : $", {step.Server}")
        : null;

    private int Share
    {
        get
        {
            if (!Running)
            {
                return 100;
            }

            var known = Usual is { TotalSeconds: > 0 } usual ? (Time.GetUtcNow() - Deployment.StartedAt!.Value) / usual * 100 : Done;
            return (int)Math.Clamp(known, 1, Almost);
        }
    }

    private double Done => Deployment.Steps.Count == 0 ? 0 : Deployment.Steps.Count(s => s.FinishedAt is not null) * 100.0 / Deployment.Steps.Count;

    // The browser moves the bar by itself from one render to the next.
    private string Style => Running && Usual is { } usual
        ? string.Create(CultureInfo.InvariantCulture, $"width:{Share}%;--rest:{Math.Max(1, (usual - (Time.GetUtcNow() - Deployment.StartedAt!.Value)).TotalSeconds):0}s")
        : string.Create(CultureInfo.InvariantCulture, $"width:{Share}%;--rest:0s");

    private static string Short(TimeSpan time) => time.TotalHours >= 1
        ? time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)
        : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);
}
