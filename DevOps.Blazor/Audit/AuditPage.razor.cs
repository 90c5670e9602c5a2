using DevOps.Blazor.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Audit;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Audit;

/// <summary>Who did what, newest first, live. What it is narrowed to stands in the address.</summary>
public partial class AuditPage
{
    private const int Size = 50;
    private AuditStretch? _stretch;
    private (string?, string?, string?, string?, string?, long?, long?) _shown;

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

    /// <summary>Entry that those on the page are older than.</summary>
    [SupplyParameterFromQuery(Name = "before")]
    public long? Before { get; set; }

    /// <summary>Entry that those on the page are newer than.</summary>
    [SupplyParameterFromQuery(Name = "after")]
    public long? After { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private AuditQueries Audit { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool IsFiltered => !string.IsNullOrEmpty(Actor + Action + Subject + From + To);

    private string? Newer => _stretch is { HasNewer: true } ? Way(before: null, after: _stretch.Entries is [var first, ..] ? first.Id : null) : null;

    private string? Older => _stretch is { HasOlder: true, Entries: [.., var last] } ? Way(before: last.Id, after: null) : null;

    // Every change has its entry; entries without a change (sign-ins, refusals) come with the next.
    /// <inheritdoc/>
    protected override bool Concerns(Change change) => Before is null && _stretch is not { HasNewer: true };

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _shown = Asked();
        var filter = new AuditFilter(Actor, Action, Subject, AuditTime.Start("from", From), AuditTime.End("to", To));
        _stretch = await Audit.StretchAsync(await Actors.GetAsync(), filter, new AuditStart(Before, After), Size, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _shown != Asked())
        {
            await ReadAsync();
        }
    }

    private Dictionary<string, object?> Query() => new(StringComparer.Ordinal) { ["actor"] = Actor, ["action"] = Action, ["subject"] = Subject, ["from"] = From, ["to"] = To };

    private (string?, string?, string?, string?, string?, long?, long?) Asked() => (Actor, Action, Subject, From, To, Before, After);

    private void Filter((string Name, string? Value) change) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(
        new Dictionary<string, object?>(StringComparer.Ordinal) { [change.Name] = change.Value, ["before"] = null, ["after"] = null }));

    private string Way(long? before, long? after) =>
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>(StringComparer.Ordinal) { ["before"] = before, ["after"] = after });
}
