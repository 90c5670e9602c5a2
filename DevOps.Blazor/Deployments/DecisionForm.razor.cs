using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Deployments;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Deployments;

/// <summary>A yes or a no with a comment. A no is asked about once more: it ends the deployment.</summary>
public partial class DecisionForm
{
    private readonly string _id = $"c{Guid.NewGuid():N}";
    private string _comment = "";
    private Refusal? _refusal;
    private bool _busy;

    /// <summary>Number of the deployment.</summary>
    [Parameter, EditorRequired]
    public required long Id { get; set; }

    /// <summary>Project and environment, for the question.</summary>
    [Parameter, EditorRequired]
    public required string Place { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ApproveDeployment Approve { get; set; } = default!;

    [Inject]
    private RejectDeployment Reject { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    private Task ApproveAsync() => RunAsync(actor => Approve.RunAsync(actor, Id, _comment, CancellationToken.None));

    private async Task RejectAsync()
    {
        if (await Dialogs.ConfirmAsync(new Confirmation(Text["RejectTitle", Id], Text["RejectText", Place], Text["Reject"])))
        {
            await RunAsync(actor => Reject.RunAsync(actor, Id, _comment, CancellationToken.None));
        }
    }

    private async Task RunAsync(Func<Actor, Task<DeploymentTicket>> verb)
    {
        (_busy, _refusal) = (true, null);
        try
        {
            await verb(await Actors.GetAsync());
            _comment = "";
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
