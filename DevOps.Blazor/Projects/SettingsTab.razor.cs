using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Projects;

/// <summary>Name and repository of a project, and the end of it.</summary>
public partial class SettingsTab
{
    private readonly FormState _form = new();
    private ProjectModel _model = new();
    private int _revision;

    /// <summary>The project as it was read.</summary>
    [Parameter, EditorRequired]
    public required ProjectView View { get; set; }

    /// <summary>Whether it may be changed.</summary>
    [Parameter]
    public bool MayEdit { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ChangeProject Change { get; set; } = default!;

    [Inject]
    private DeleteProject Delete { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        _model = ProjectModel.Of(View);
        _revision = View.Project.Revision;
    }

    private async Task SaveAsync()
    {
        if (await _form.RunAsync(async () => _revision = (await Change.RunAsync(await Actors.GetAsync(), _model.Draft(), _revision, CancellationToken.None)).Revision))
        {
            Attempts.Say(Shell["Saved"]);
        }
    }

    private async Task DeleteAsync()
    {
        var key = View.Project.Key;
        var question = new Confirmation(Text["DeleteTitle", View.Project.Name], Text["DeleteText"], Text["DeleteProject"], key);
        if (await Dialogs.ConfirmAsync(question)
            && await Attempts.RunAsync(async () => await Delete.RunAsync(await Actors.GetAsync(), key, null, CancellationToken.None), Text["Deleted", View.Project.Name]))
        {
            Navigation.NavigateTo(AppUrls.Projects);
        }
    }
}
