using DevOps.Blazor.Access;
using DevOps.Blazor.Projects;
using DevOps.Blazor.Ui;
using DevOps.Core.Projects;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Webhooks;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Webhooks;

/// <summary>The triggers of a project, tried on past deliveries as they are typed.</summary>
public partial class TriggersForm
{
    private const int Shown = 10;

    private readonly FormState _form = new();
    private TriggerSpec _triggers = new();
    private IReadOnlyList<TriedDelivery>? _tried;
    private int _revision;

    /// <summary>The project as it was read.</summary>
    [Parameter, EditorRequired]
    public required ProjectView View { get; set; }

    /// <summary>Whether it may be changed.</summary>
    [Parameter]
    public bool MayEdit { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ChangeProject Change { get; set; } = default!;

    [Inject]
    private TryTriggers Try { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync()
    {
        _triggers = View.Project.Triggers;
        _revision = View.Project.Revision;
        return TryAsync();
    }

    private static IReadOnlyList<string> Names(IReadOnlyList<string> lines) => [.. lines.Select(l => l.Trim()).Distinct(StringComparer.Ordinal)];

    private Task ChangeAsync(TriggerSpec triggers)
    {
        _triggers = triggers;
        return _form.Check("triggers", faults => TriggerRules.Check(_triggers, "triggers", faults)) ? TryAsync() : Task.CompletedTask;
    }

    private async Task TryAsync() => _tried = await Try.RunAsync(await Actors.GetAsync(), View.Project.Key, _triggers, CancellationToken.None);

    private async Task SaveAsync()
    {
        var model = ProjectModel.Of(View);
        model.Triggers = _triggers;
        if (await _form.RunAsync(async () => _revision = (await Change.RunAsync(await Actors.GetAsync(), model.Draft(), _revision, CancellationToken.None)).Revision))
        {
            Attempts.Say(Shell["Saved"]);
        }
    }
}
