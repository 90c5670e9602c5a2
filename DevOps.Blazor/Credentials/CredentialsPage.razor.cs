using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Credentials;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Credentials;

/// <summary>Which credentials there are.</summary>
public partial class CredentialsPage
{
    private Listing<CredentialView>? _list;
    private bool _mayEdit;
    private int _page = 1;

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private CredentialQueries Credentials { get; set; } = default!;

    [Inject]
    private DeleteCredential Delete { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind is ChangeKind.Credential or ChangeKind.Server or ChangeKind.Project;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var actor = await Actors.GetAsync();
        _mayEdit = actor.May(Permission.CredentialEdit);
        _list = await Credentials.ListAsync(actor, PageRequest.Of(_page, null), cancellationToken);
    }

    private Task GoAsync(int page)
    {
        _page = page;
        return ReadAsync();
    }

    private async Task DeleteAsync(CredentialView credential)
    {
        var question = new Confirmation(Text["DeleteTitle", credential.Name], Text["DeleteText"], Shell["Delete"]);
        if (await Dialogs.ConfirmAsync(question)
            && await Attempts.RunAsync(async () => await Delete.RunAsync(await Actors.GetAsync(), credential.Name, Stopping), Text["Deleted", credential.Name]))
        {
            await ReadAsync();
        }
    }
}
