using DevOps.Blazor.Access;
using DevOps.Core;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Infrastructure.Deployments;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Deployments;

/// <summary>All deployments that the person may see, newest first, live. What it is narrowed to stands in the address.</summary>
public partial class DeploymentsPage
{
    private Listing<DeploymentSummary>? _list;
    private DeploymentStatus? _status;
    private (string?, string?, string?, int?) _shown;

    /// <summary>Key of a project.</summary>
    [SupplyParameterFromQuery(Name = "project")]
    public string? Project { get; set; }

    /// <summary>Name of an environment.</summary>
    [SupplyParameterFromQuery(Name = "environment")]
    public string? Environment { get; set; }

    /// <summary>A status, as in the HTTP contract.</summary>
    [SupplyParameterFromQuery(Name = "status")]
    public string? Status { get; set; }

    /// <summary>Number of the page.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    public int? Page { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private DeploymentQueries Deployments { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private bool IsFiltered => Project is not null || Environment is not null || _status is not null;

    private int PageNumber => Math.Max(1, Page ?? 1);

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind == ChangeKind.Deployment;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _shown = (Project, Environment, Status, Page);
        _status = Enum.TryParse<DeploymentStatus>(Status, ignoreCase: true, out var status) && Enum.IsDefined(status) ? status : null;
        _list = await Deployments.ListAsync(await Actors.GetAsync(), new DeploymentFilter(Project, Environment, _status), PageRequest.Of(PageNumber, null), cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _shown != (Project, Environment, Status, Page))
        {
            await ReadAsync();
        }
    }

    private void FilterAsync(DeploymentFilter filter) => Go(new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["project"] = filter.Project,
        ["environment"] = filter.Environment,
        ["status"] = filter.Status is { } status ? Infrastructure.Persistence.Json.Word(status) : null,
        ["page"] = null,
    });

    private void GoAsync(int page) => Go(new Dictionary<string, object?>(StringComparer.Ordinal) { ["page"] = page == 1 ? null : page });

    private void Go(Dictionary<string, object?> query) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(query));
}
