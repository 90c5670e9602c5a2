using DevOps.Blazor.Access;
using DevOps.Blazor.Logs;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Logs;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Deployments;

/// <summary>One deployment, live: what it is, its steps, its log.</summary>
public partial class DeploymentPage
{
    private DeploymentDetail? _deployment;
    private TimeSpan? _usual;
    private bool _mayControl;
    private long _projectId;
    private Actor? _actor;
    private LogView? _log;

    /// <summary>Its number.</summary>
    [Parameter]
    public long Id { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private DeploymentQueries Deployments { get; set; } = default!;

    [Inject]
    private LogReader Logs { get; set; } = default!;

    private bool MayDecide => _actor is { } actor && _deployment is { } deployment && ApprovalDesk.MayDecide(actor, _projectId, deployment.ApprovalRole, deployment.RequestedBy);

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind == ChangeKind.Deployment && change.Id == Id;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var actor = await Actors.GetAsync();
        _actor = actor;
        if (_deployment?.Id != Id)
        {
            (_deployment, _usual) = (null, await Deployments.UsualDurationAsync(actor, Id, cancellationToken));
            var head = await Logs.OpenAsync(actor, Id, cancellationToken);
            _projectId = head.ProjectId;
            _mayControl = actor.May(Permission.DeploymentControl, head.ProjectId);
        }

        _deployment = await Deployments.GetAsync(actor, Id, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _deployment?.Id != Id)
        {
            await ReadAsync();
        }
    }

    private Task ShowAsync(DeploymentStepView step) =>
        step.FirstLine is { } line && _log is { } log ? log.ShowLineAsync(line) : Task.CompletedTask;
}
