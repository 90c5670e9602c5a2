using DevOps.Blazor.Ui;
using DevOps.Core;
using DevOps.Core.Events;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Access;

/// <summary>The browsers in which who looks at the page is signed in.</summary>
public sealed partial class SessionsSection
{
    private Listing<SessionView>? _list;
    private int _page = 1;

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private SessionQueries Sessions { get; set; } = default!;

    [Inject]
    private EndSessions Ending { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind == ChangeKind.Account;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken) =>
        _list = await Sessions.ListAsync(await Actors.GetAsync(), PageRequest.Of(_page, pageSize: 10), cancellationToken);

    private string Named(SessionView session) => BrowserName.Of(session.UserAgent) switch
    {
        ({ } browser, { } system) => Text["BrowserOn", browser, system],
        ({ } browser, null) => browser,
        _ => Text["SomeBrowser"],
    };

    private Task GoAsync(int page)
    {
        _page = page;
        return ReadAsync();
    }

    private async Task EndAsync(SessionView session)
    {
        if (await Attempts.RunAsync(async () => await Ending.OneAsync(await Actors.GetAsync(), session.Id, Stopping), Text["EndedOne"]))
        {
            await ReadAsync();
        }
    }

    private async Task EndOthersAsync()
    {
        if (await Dialogs.ConfirmAsync(new Confirmation(Text["EndOthersTitle"], Text["EndOthersNote"], Text["EndOthers"]))
            && await Attempts.RunAsync(async () => await Ending.OthersAsync(await Actors.GetAsync(), Stopping), Text["EndedOthers"]))
        {
            await ReadAsync();
        }
    }
}
