using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Settings;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Settings;

/// <summary>What concerns the whole installation.</summary>
public partial class SettingsPage
{
    private static readonly IReadOnlyList<string> Zones = [.. TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id).Where(z => z.Contains('/', StringComparison.Ordinal) || z is "UTC").Order(StringComparer.Ordinal)];

    private readonly FormState _form = new();
    private SettingsModel? _model;
    private int _revision;

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private SettingsReader Settings { get; set; } = default!;

    [Inject]
    private ChangeSettings Change { get; set; } = default!;

    [Inject]
    private Attempts Attempts { get; set; } = default!;

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => _form.RunAsync(async () =>
    {
        var stored = await Settings.ReadAsync(await Actors.GetAsync(), CancellationToken.None);
        (_model, _revision) = (SettingsModel.Of(stored.Settings), stored.Revision);
    });

    private void Judge(Faults faults) => _model!.Settings().Check(faults);

    private async Task SaveAsync()
    {
        var done = await _form.RunAsync(async () =>
        {
            var stored = await Change.RunAsync(await Actors.GetAsync(), _model!.Settings(), _revision, CancellationToken.None);
            (_model, _revision) = (SettingsModel.Of(stored.Settings), stored.Revision);
        });
        if (done)
        {
            Attempts.Say(Shell["Saved"]);
        }
    }
}
