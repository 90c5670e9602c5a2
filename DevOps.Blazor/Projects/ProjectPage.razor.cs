using DevOps.Blazor.Access;
using DevOps.Blazor.Deployments;
using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Projects;

/// <summary>One project: what is current where, and a tab for each of its sides. Every tab has an address.</summary>
public partial class ProjectPage
{
    private static readonly (string Tab, string Label)[] Tabs =
        [
            ("", "TabDeployments"), ("releases", "TabReleases"), ("environments", "TabEnvironments"), ("build", "TabBuild"), ("triggers", "TabTriggers"), ("schedules", "TabSchedules"),
            ("members", "TabMembers"), ("settings", "TabSettings"),
        ];

    private ProjectView? _view;
    private IReadOnlyList<EnvironmentState> _states = [];
    private string _shownKey = "";
    private bool _mayEdit;
    private bool _mayDeploy;
    private bool _mayControl;

    /// <summary>Key of the project.</summary>
    [Parameter]
    public string Key { get; set; } = "";

    /// <summary>Which tab.</summary>
    [Parameter]
    public string? Tab { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ProjectQueries Projects { get; set; } = default!;

    [Inject]
    private EnvironmentStateQueries States { get; set; } = default!;

    [Inject]
    private FreezeQuestion Freezes { get; set; } = default!;

    [Inject]
    private RollBackDeployment RollBack { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private string Current => Tab ?? "";

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.ProjectId == _view?.Project.Id;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        // The same page may be given another project.
        if (_shownKey.Length > 0 && !string.Equals(_shownKey, Key, StringComparison.Ordinal))
        {
            await ReadAsync();
        }
    }

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _shownKey = Key;
        var actor = await Actors.GetAsync();
        _view = await Projects.GetAsync(actor, Key, cancellationToken);
        _states = await States.ListAsync(actor, Key, cancellationToken);
        _mayEdit = actor.May(Permission.ProjectEdit, _view.Project.Id);
        _mayDeploy = actor.May(Permission.Deploy, _view.Project.Id);
        _mayControl = actor.May(Permission.DeploymentControl, _view.Project.Id);
    }

    private int? PromotableTo(EnvironmentState state) =>
        _states.FirstOrDefault(s => string.Equals(s.Name, state.PromoteFrom, StringComparison.Ordinal)) is { Release: { } release, Mixed: false } && release != state.Release ? release : null;

    private async Task AskAsync(string? environment, int? release)
    {
        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(DeployDialog.Project)] = _view!.Project,
            [nameof(DeployDialog.Environments)] = _states.Select(s => s.Name).ToList(),
            [nameof(DeployDialog.Environment)] = environment ?? _states[0].Name,
            [nameof(DeployDialog.Release)] = release,
        };
        var answer = await Dialogs.OpenAsync<DeployDialog>(Text["DeployTitle", _view.Project.Name], parameters, DialogShape.Wide(520));
        if (answer is long id)
        {
            Navigation.NavigateTo(AppUrls.Deployment(id));
        }
    }

    private async Task RollBackAsync(EnvironmentState state)
    {
        var question = new Confirmation(
            Text["RollBackTitle", state.Name, state.PreviousRelease!],
            Text["RollBackText", _view!.Project.Name, state.Name, state.Release!, state.PreviousRelease!],
            Text["RollBackTo", state.PreviousRelease!],
            string.Equals(state.Name, "production", StringComparison.Ordinal) ? state.Name : null);
        if (!await Dialogs.ConfirmAsync(question))
        {
            return;
        }

        await Attempts.RunAsync(async () =>
        {
            var actor = await Actors.GetAsync();
            var place = $"{_view.Project.Key} → {state.Name}";
            var ticket = await Freezes.RunAsync(actor, place, anyway => RollBack.RunAsync(actor, state.DeploymentId!.Value, anyway, Stopping));
            Navigation.NavigateTo(AppUrls.Deployment(ticket.Id));
        });
    }
}
