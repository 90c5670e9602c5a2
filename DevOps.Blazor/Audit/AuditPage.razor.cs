using DevOps.Blazor.Access;
using DevOps.Core;
using DevOps.Core.Audit;
using DevOps.Core.Events;
using DevOps.Infrastructure.Audit;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Audit;

/// <summary>Who did what, newest first, live. What it is narrowed to stands in the address.</summary>
public partial class AuditPage
{
    private Listing<AuditEntry>? _list;
    private (string?, string?, string?, string?, string?, int?) _shown;

    /// <summary>User name.</summary>
    [SupplyParameterFromQuery(Name = "actor")]
    public string? Actor { get; set; }

    /// <summary>An action or its noun.</summary>
    [SupplyParameterFromQuery(Name = "action")]
    public string? Action { get; set; }

    /// <summary>A subject or what it lies below.</summary>
    [SupplyParameterFromQuery(Name = "subject")]
    public string? Subject { get; set; }

    /// <summary>First day or time.</summary>
    [SupplyParameterFromQuery(Name = "from")]
    public string? From { get; set; }

    /// <summary>Last day or time.</summary>
    [SupplyParameterFromQuery(Name = "to")]
    public string? To { get; set; }

    /// <summary>Number of the page.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    public int? Page { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private AuditQueries Audit { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool IsFiltered => !string.IsNullOrEmpty(Actor + Action + Subject + From + To);

    private int PageNumber => Math.Max(1, Page ?? 1);

    // Every change has its entry; entries without a change (sign-ins, refusals) come with the next.
    /// <inheritdoc/>
    protected override bool Concerns(Change change) => PageNumber == 1;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _shown = (Actor, Action, Subject, From, To, Page);
        var filter = new AuditFilter(Actor, Action, Subject, AuditTime.Start("from", From), AuditTime.End("to", To));
        _list = await Audit.ListAsync(await Actors.GetAsync(), filter, PageRequest.Of(PageNumber, null), cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _shown != (Actor, Action, Subject, From, To, Page))
        {
            await ReadAsync();
        }
    }

    private Dictionary<string, object?> Query() => new(StringComparer.Ordinal) { ["actor"] = Actor, ["action"] = Action, ["subject"] = Subject, ["from"] = From, ["to"] = To };

    private void Filter((string Name, string? Value) change) => Go(new(StringComparer.Ordinal) { [change.Name] = change.Value, ["page"] = null });

    private void GoTo(int page) => Go(new(StringComparer.Ordinal) { ["page"] = page == 1 ? null : page });

    private void Go(Dictionary<string, object?> query) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(query));
}
