using DevOps.Blazor.Ui;
using DevOps.Core;
using DevOps.Core.Events;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Access;

/// <summary>The personal tokens of who looks at the page.</summary>
public sealed partial class TokensSection
{
    private Listing<PersonalTokenView>? _list;
    private int _page = 1;

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private PersonalTokenQueries Tokens { get; set; } = default!;

    [Inject]
    private RevokePersonalToken Revoke { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind == ChangeKind.Account;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken) =>
        _list = await Tokens.ListAsync(await Actors.GetAsync(), PageRequest.Of(_page, pageSize: 10), cancellationToken);

    private bool IsOver(PersonalTokenView token) => token.ExpiresAt <= Time.GetUtcNow();

    private Task GoAsync(int page)
    {
        _page = page;
        return ReadAsync();
    }

    private async Task CreateAsync() => await Dialogs.OpenAsync<TokenDialog>(
        Text["NewToken"], options: DialogShape.Kept(540));

    private async Task RevokeAsync(PersonalTokenView token)
    {
        var question = new Confirmation(Text["RevokeTitle", token.Name], Text["RevokeNote"], Text["Revoke"]);
        if (await Dialogs.ConfirmAsync(question)
            && await Attempts.RunAsync(async () => await Revoke.RunAsync(await Actors.GetAsync(), token.Id, Stopping), Text["Revoked", token.Name]))
        {
            await ReadAsync();
        }
    }
}
