using DevOps.Blazor.Access;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Applications;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Applications;

/// <summary>What runs where, live. What it is narrowed to stands in the address.</summary>
public partial class ApplicationsPage
{
    private Listing<ApplicationView>? _list;
    private Actor? _actor;
    private (ApplicationFilter, int?) _shown = (new ApplicationFilter(), null);

    /// <summary>Key of a project.</summary>
    [SupplyParameterFromQuery(Name = "project")]
    public string? Project { get; set; }

    /// <summary>Name of an environment.</summary>
    [SupplyParameterFromQuery(Name = "environment")]
    public string? Environment { get; set; }

    /// <summary>Name of a server.</summary>
    [SupplyParameterFromQuery(Name = "server")]
    public string? Server { get; set; }

    /// <summary>Number of the page.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    public int? Page { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ApplicationQueries Applications { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private ApplicationFilter Filter => new(Project, Environment, Server);

    private int PageNumber => Math.Max(1, Page ?? 1);

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind is ChangeKind.Application or ChangeKind.Deployment or ChangeKind.Project;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _shown = (Filter, Page);
        _actor = await Actors.GetAsync();
        _list = await Applications.ListAsync(_actor, Filter, PageRequest.Of(PageNumber, null), cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _shown != (Filter, Page))
        {
            await ReadAsync();
        }
    }

    private void Go(ApplicationFilter filter) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["project"] = filter.Project,
        ["environment"] = filter.Environment,
        ["server"] = filter.Server,
        ["page"] = null,
    }));

    private void GoToPage(int page) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("page", page == 1 ? null : page));
}
