using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Applications;
using DevOps.Infrastructure.Applications;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Applications;

/// <summary>Buttons for what the project has commands for. What stops something asks first; what came of it is shown with its output.</summary>
public partial class ApplicationActions
{
    private const string Production = "production";

    private ControlAction? _busy;

    /// <summary>What runs there.</summary>
    [Parameter, EditorRequired]
    public required ApplicationView View { get; set; }

    /// <summary>Icons only, for a row of a list.</summary>
    [Parameter]
    public bool Small { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ControlApplication Control { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    private string Place => $"{View.ProjectName} → {View.Name.Environment} · {View.Name.Server}";

    private static string IconOf(ControlAction action) => action switch
    {
        ControlAction.Start => "play_arrow",
        ControlAction.Stop => "stop",
        ControlAction.Restart => "restart_alt",
        _ => "monitor_heart",
    };

    private async Task AskAsync(ControlAction action)
    {
        if (action is ControlAction.Stop or ControlAction.Restart && !await Dialogs.ConfirmAsync(QuestionOf(action)))
        {
            return;
        }

        ControlResult? result = null;
        _busy = action;
        await Attempts.RunAsync(async () => result = await Control.RunAsync(await Actors.GetAsync(), View.Name, action, CancellationToken.None));
        _busy = null;
        if (result is not null)
        {
            // Its answer may be read for long; the button rests meanwhile.
            StateHasChanged();
            await Dialogs.OpenAsync<ControlResultDialog>(
                Text["ResultTitle", Text["Action-" + action], Place],
                new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(ControlResultDialog.Result)] = result },
                DialogShape.Wide(760));
        }
    }

    private Confirmation QuestionOf(ControlAction action) => new(
        Text["ConfirmTitle-" + action, $"{View.ProjectName} → {View.Name.Environment}"],
        Text["ConfirmText-" + action, View.Name.Server],
        Text["Action-" + action],
        string.Equals(View.Name.Environment, Production, StringComparison.Ordinal) ? View.Name.Environment : null,
        Danger: action == ControlAction.Stop);
}
