using DevOps.Blazor.Access;
using DevOps.Core.Events;
using DevOps.Core.Insights;
using DevOps.Infrastructure.Insights;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Insights;

/// <summary>The keys of delivery over a time span. What it is narrowed to stands in the address.</summary>
public partial class InsightsPage
{
    private const int Usual = 30;
    private static readonly int[] Offered = [7, 30, 90, 365];

    private InsightView? _view;
    private (string?, string?, int?) _shown;

    /// <summary>Key of a project.</summary>
    [SupplyParameterFromQuery(Name = "project")]
    public string? Project { get; set; }

    /// <summary>Name of an environment.</summary>
    [SupplyParameterFromQuery(Name = "environment")]
    public string? Environment { get; set; }

    /// <summary>How many days back.</summary>
    [SupplyParameterFromQuery(Name = "days")]
    public int? Days { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private InsightQueries Insights { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    protected override TimeSpan Pause { get; } = TimeSpan.FromSeconds(10);

    private int DaysShown => Days is { } days && Offered.Contains(days) ? days : Usual;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind == ChangeKind.Deployment;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        _shown = (Project, Environment, Days);
        var to = Time.GetUtcNow();
        _view = await Insights.GetAsync(await Actors.GetAsync(), new InsightFilter(Project, Environment, to.AddDays(-DaysShown), to), cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (Loaded && _shown != (Project, Environment, Days))
        {
            await ReadAsync();
        }
    }

    private static string? Word(object? value) => value is string text && text.Trim() is { Length: > 0 } word ? word : null;

    private string? Tail(Spread spread) => spread.P95 is { } slow ? Text["P95", DurationWords.Of(slow, Text)].Value : null;

    private void Go(string name, object? value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>(StringComparer.Ordinal) { [name] = value }));
}
