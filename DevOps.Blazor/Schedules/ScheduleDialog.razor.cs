using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Projects;
using DevOps.Core.Schedules;
using DevOps.Infrastructure.Schedules;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Schedules;

/// <summary>Adds or changes a schedule.</summary>
public partial class ScheduleDialog
{
    private readonly FormState _form = new();
    private string _name = "";
    private string _environment = "";
    private string _cron = "";
    private string _zone = "UTC";
    private string _ref = "";
    private bool _onlyIfChanged;
    private bool _enabled = true;

    /// <summary>The project.</summary>
    [Parameter, EditorRequired]
    public required Project Project { get; set; }

    /// <summary>Names of its environments.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<string> Environments { get; set; }

    /// <summary>The schedule to change; none for a new one.</summary>
    [Parameter]
    public ScheduleView? View { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private CreateOrChangeSchedule Save { get; set; } = default!;

    [Inject]
    private DeleteSchedule Delete { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        _environment = View?.Environment ?? Environments[0];
        if (View?.Schedule is { } schedule)
        {
            (_name, _cron, _zone, _ref) = (schedule.Name, schedule.Cron, schedule.TimeZone, schedule.Ref);
            (_onlyIfChanged, _enabled) = (schedule.OnlyIfChanged, schedule.Enabled);
        }
    }

    private async Task SaveAsync()
    {
        var draft = new ScheduleDraft
        {
            Name = _name.Trim(),
            Environment = _environment,
            Ref = _ref.Trim(),
            Cron = _cron.Trim(),
            TimeZone = _zone.Trim(),
            Enabled = _enabled,
            OnlyIfChanged = _onlyIfChanged,
        };
        var saved = await _form.RunAsync(async () =>
        {
            var actor = await Actors.GetAsync();
            await (View is { } view
                ? Save.ChangeAsync(actor, Project.Key, draft, view.Schedule.Revision, CancellationToken.None)
                : Save.CreateAsync(actor, Project.Key, draft, CancellationToken.None));
        });
        if (saved)
        {
            Attempts.Say(View is null ? Text["Added", draft.Name] : Text["Changed", draft.Name]);
            Dialogs.Close(true);
        }
    }

    private async Task RemoveAsync()
    {
        var name = View!.Schedule.Name;
        if (await Dialogs.ConfirmAsync(new Confirmation(Text["DeleteTitle", name], Text["DeleteText"], Shell["Delete"]))
            && await Attempts.RunAsync(async () => await Delete.RunAsync(await Actors.GetAsync(), Project.Key, name, null, CancellationToken.None), Text["Deleted", name]))
        {
            Dialogs.Close(true);
        }
    }
}
