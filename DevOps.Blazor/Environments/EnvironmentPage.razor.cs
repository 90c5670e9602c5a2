using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Environments;

/// <summary>Adding, changing and deleting an environment.</summary>
public partial class EnvironmentPage
{
    private readonly FormState _form = new();
    private EnvironmentModel? _model;
    private EnvironmentView? _view;
    private IReadOnlyList<string> _others = [];
    private int _revision;

    /// <summary>Key of the project.</summary>
    [Parameter]
    public string Key { get; set; } = "";

    /// <summary>Name of the environment; none for a new one.</summary>
    [Parameter]
    public string? Name { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ProjectQueries Projects { get; set; } = default!;

    [Inject]
    private EnvironmentQueries Environments { get; set; } = default!;

    [Inject]
    private CreateOrChangeEnvironment Change { get; set; } = default!;

    [Inject]
    private DeleteEnvironment Delete { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => _form.RunAsync(async () =>
    {
        var actor = await Actors.GetAsync();
        var project = await Projects.GetAsync(actor, Key, CancellationToken.None);
        actor.Demand(Permission.ProjectEdit, project.Project.Id);
        _others = [.. project.Environments.Select(e => e.Name).Where(n => !string.Equals(n, Name, StringComparison.Ordinal))];
        if (Name is null)
        {
            _model = new EnvironmentModel { Position = project.Environments.Select(e => e.Position).DefaultIfEmpty().Max() + 1 };
            return;
        }

        _view = await Environments.GetAsync(actor, Key, Name, CancellationToken.None);
        _model = EnvironmentModel.Of(_view);
        _revision = _view.Environment.Revision;
    });

    // What is typed stays; only the lock is read again.
    private async Task ReadLockAsync()
    {
        var actor = await Actors.GetAsync();
        var (before, after) = (_revision, await Environments.GetAsync(actor, Key, Name!, CancellationToken.None));
        _view = after;
        _revision = before;
    }

    private async Task SaveAsync()
    {
        // Revision 0 says that nobody made one of this name in the meantime.
        if (await _form.RunAsync(async () => await Change.RunAsync(await Actors.GetAsync(), Key, _model!.Draft(), _revision, CancellationToken.None)))
        {
            Attempts.Say(Shell["Saved"]);
            Leave();
        }
    }

    private async Task DeleteAsync()
    {
        var question = new Confirmation(Text["DeleteTitle", Name!, Key], Text["DeleteText"], Shell["Delete"], Name);
        if (await Dialogs.ConfirmAsync(question)
            && await Attempts.RunAsync(async () => await Delete.RunAsync(await Actors.GetAsync(), Key, Name!, null, CancellationToken.None), Text["Deleted", Name!]))
        {
            Leave();
        }
    }

    private void Leave() => Navigation.NavigateTo(AppUrls.Project(Key, "environments"));
}
