using System.Globalization;
using DevOps.Blazor.Access;
using DevOps.Blazor.Projects;
using DevOps.Blazor.Ui;
using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Insights;
using DevOps.Infrastructure.Insights;
using DevOps.Infrastructure.Projects;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace DevOps.Blazor.Insights;

/// <summary>The first page: what waits, what runs, what is current where, and how it has been going. What happens now is read with every change, figures when a deployment ended.</summary>
public partial class DashboardPage
{
    private const int MostProjects = 40;
    private static readonly TimeSpan FiguresAge = TimeSpan.FromMinutes(1);

    private DashboardNow? _now;
    private DashboardFigures? _figures;
    private DateTimeOffset _figuresAt;
    private string _me = "";
    private bool _mayEdit;

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private DashboardQueries Dashboard { get; set; } = default!;

    [Inject]
    private ProjectQueries Projects { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    protected override TimeSpan Pause { get; } = TimeSpan.FromSeconds(1);

    private ProjectFigures? Slowest => _figures!.Projects.Where(p => p.Median is not null).MaxBy(p => p.Median);

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind is ChangeKind.Deployment or ChangeKind.Project or ChangeKind.Application or ChangeKind.Server;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var actor = await Actors.GetAsync();
        (_me, _mayEdit) = (actor.Name, actor.May(Permission.ProjectEdit));
        var ran = _now?.Running.Select(r => r.Id).ToList() ?? [];
        _now = await Dashboard.NowAsync(actor, cancellationToken);
        if (_figures is null || Time.GetUtcNow() - _figuresAt > FiguresAge || ran.Except(_now.Running.Select(r => r.Id)).Any())
        {
            _figures = await Dashboard.FiguresAsync(actor, cancellationToken);
            _figuresAt = Time.GetUtcNow();
        }
    }

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static double? Good(DeliveryReport report) => report.FailureRate is { } rate ? 1 - rate : null;

    private static string? Points(DashboardFigures figures) => Good(figures.Week) is { } now && Good(figures.WeekBefore) is { } before
        ? string.Create(CultureInfo.InvariantCulture, $"{(now - before) * 100:+0.#;−0.#;±0}")
        : null;

    private static bool? Shorter(Spread now, Spread before) => now.Median is { } a && before.Median is { } b && a != b ? a < b : null;

    private string? Change(Spread now, Spread before) => now.Median is { } a && before.Median is { } b && Math.Abs((a - b).TotalSeconds) >= 1
        ? (a < b ? "−" : "+") + DurationWords.Of((a - b).Duration(), Text)
        : null;

    private async Task DeployAsync((string Project, string Environment) place)
    {
        var view = await Projects.GetAsync(await Actors.GetAsync(), place.Project, Stopping);
        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            [nameof(DeployDialog.Project)] = view.Project,
            [nameof(DeployDialog.Environments)] = view.Environments.Select(e => e.Name).ToList(),
            [nameof(DeployDialog.Environment)] = place.Environment,
            [nameof(DeployDialog.Release)] = null,
        };
        var answer = await Dialogs.OpenAsync<DeployDialog>(Text["DeployTitle", view.Project.Name], parameters, DialogShape.Wide(520));
        if (answer is long id)
        {
            Navigation.NavigateTo(AppUrls.Deployment(id));
        }
    }
}
