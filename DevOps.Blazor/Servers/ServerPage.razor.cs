using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Servers;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Servers;

/// <summary>One server: how it is doing, how it is reached, who uses it.</summary>
public partial class ServerPage
{
    private ServerView? _view;
    private bool _mayEdit;
    private bool _checking;

    /// <summary>Name of the server.</summary>
    [Parameter]
    public string Name { get; set; } = "";

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ServerQueries Servers { get; set; } = default!;

    [Inject]
    private CheckServer Check { get; set; } = default!;

    [Inject]
    private DeleteServer Delete { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind is ChangeKind.Server or ChangeKind.Project;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var actor = await Actors.GetAsync();
        _mayEdit = actor.May(Permission.ServerEdit);
        _view = await Servers.GetAsync(actor, Name, cancellationToken);
    }

    private async Task CheckAsync()
    {
        _checking = true;
        await Attempts.RunAsync(async () => await Check.RunAsync(await Actors.GetAsync(), Name, Stopping));
        _checking = false;
        await ReadAsync();
    }

    private async Task DeleteAsync()
    {
        var question = new Confirmation(Text["DeleteTitle", Name], Text["DeleteText"], Shell["Delete"], Name);
        if (await Dialogs.ConfirmAsync(question)
            && await Attempts.RunAsync(async () => await Delete.RunAsync(await Actors.GetAsync(), Name, null, Stopping), Text["Deleted", Name]))
        {
            Navigation.NavigateTo(AppUrls.Servers);
        }
    }
}
