using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Deployments;

/// <summary>What can be done to a deployment. A new deployment is opened at once.</summary>
public partial class DeploymentActions
{
    private const string Production = "production";

    private Refusal? _refusal;
    private bool _busy;

    /// <summary>The deployment.</summary>
    [Parameter, EditorRequired]
    public required DeploymentDetail Deployment { get; set; }

    /// <summary>Whether the person may do any of it; the verbs ask again.</summary>
    [Parameter]
    public bool Allowed { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private CancelDeployment Cancel { get; set; } = default!;

    [Inject]
    private RetryDeployment Retry { get; set; } = default!;

    [Inject]
    private RollBackDeployment RollBack { get; set; } = default!;

    [Inject]
    private FreezeQuestion Freezes { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool SomeFailed => Deployment.Status != DeploymentStatus.Succeeded
        && Deployment.Servers.Any(s => s.Status == ServerStatus.Succeeded) && Deployment.Servers.Any(s => s.Status != ServerStatus.Succeeded);

    private int? Before => Deployment.Status != DeploymentStatus.Succeeded ? null : Deployment.Servers
        .Where(s => s.PreviousRelease is not null && s.PreviousRelease != Deployment.Release)
        .GroupBy(s => s.PreviousRelease).OrderByDescending(g => g.Count()).ThenByDescending(g => g.Key).FirstOrDefault()?.Key;

    private string Place => $"{Deployment.Project} → {Deployment.Environment}";

    private string? Typed => string.Equals(Deployment.Environment, Production, StringComparison.Ordinal) ? Deployment.Environment : null;

    private async Task CancelAsync()
    {
        var question = new Confirmation(Text["CancelTitle", Deployment.Id], Text["CancelText", Place], Text["CancelConfirm"]);
        if (await Dialogs.ConfirmAsync(question))
        {
            await RunAsync(actor => Cancel.RunAsync(actor, Deployment.Id, CancellationToken.None));
        }
    }

    private Task RetryAsync(bool failedOnly) => RunAsync(actor => Freezes.RunAsync(
        actor, Place, anyway => Retry.RunAsync(actor, Deployment.Id, new RetryOrder(failedOnly, anyway), Trigger.Manual, CancellationToken.None)));

    private async Task RollBackAsync(int release)
    {
        var question = new Confirmation(Text["RollBackTitle", Place], Text["RollBackText", release, Deployment.Servers.Count], Text["RollBackTo", release], Typed);
        if (await Dialogs.ConfirmAsync(question))
        {
            await RunAsync(actor => Freezes.RunAsync(actor, Place, anyway => RollBack.RunAsync(actor, Deployment.Id, anyway, CancellationToken.None)));
        }
    }

    private async Task RunAsync(Func<Actor, Task<DeploymentTicket>> verb)
    {
        (_busy, _refusal) = (true, null);
        try
        {
            var ticket = await verb(await Actors.GetAsync());
            if (ticket.Id != Deployment.Id)
            {
                Navigation.NavigateTo(AppUrls.Deployment(ticket.Id));
            }
        }
        catch (Refusal refusal)
        {
            _refusal = refusal;
        }
        finally
        {
            _busy = false;
        }
    }
}
