using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Projects;

/// <summary>All projects, with the last result per environment and a button to deploy.</summary>
public partial class ProjectsPage
{
    private Listing<ProjectView>? _list;
    private Actor? _actor;
    private bool _mayCreate;
    private bool _deploying;
    private int _page = 1;

    /// <summary>Part of key or name.</summary>
    [SupplyParameterFromQuery]
    private string? Q { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ProjectQueries Projects { get; set; } = default!;

    [Inject]
    private RequestDeployment Request { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind is ChangeKind.Project or ChangeKind.Deployment;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _actor = await Actors.GetAsync();
        _mayCreate = _actor.May(Permission.ProjectEdit);
        _list = await Projects.ListAsync(_actor, PageRequest.Of(_page, null), Q, cancellationToken);
    }

    private void SearchAsync(ChangeEventArgs e)
    {
        Q = e.Value as string;
        _page = 1;
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("q", string.IsNullOrWhiteSpace(Q) ? null : Q), replace: true);
        Refresh();
    }

    private Task GoAsync(int page)
    {
        _page = page;
        return ReadAsync();
    }

    private async Task DeployAsync(ProjectView view, string environment)
    {
        if (_deploying)
        {
            return;
        }

        _deploying = true;
        await Attempts.RunAsync(async () =>
        {
            var ticket = await Request.RunAsync(await Actors.GetAsync(), view.Project.Key, new DeploymentRequest { Environment = environment }, Trigger.Manual, Stopping);
            Navigation.NavigateTo(AppUrls.Deployment(ticket.Id));
        });
        _deploying = false;
    }
}
