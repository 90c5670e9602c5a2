using DevOps.Blazor.Access;
using DevOps.Blazor.Ui;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Servers;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Servers;

/// <summary>Adding a server by steps: where it is, which key it shows, whether it works, what it is for.</summary>
public sealed partial class NewServerPage : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly FormState _form = new();
    private readonly ServerModel _model = new();
    private Step _step;
    private HostKeyScan? _scan;
    private string? _fingerprint;
    private ServerCheck? _check;

    private enum Step
    {
        Address,
        HostKey,
        Check,
        Tags,
    }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ScanHostKey Scan { get; set; } = default!;

    [Inject]
    private AddServer Add { get; set; } = default!;

    [Inject]
    private ChangeServer Change { get; set; } = default!;

    [Inject]
    private CheckServer Check { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <inheritdoc/>
    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    private void Go(Step step) => _step = step;

    private async Task ScanAsync()
    {
        var done = await _form.RunAsync(async () =>
        {
            var faults = new Faults();
            _model.Draft().Check(faults);
            faults.ThrowIfAny();
            _scan = await Scan.RunAsync(await Actors.GetAsync(), _model.Host.Trim(), _model.Port, _leaving.Token);
            _fingerprint = _scan.Preferred.Fingerprint;
        });
        if (done)
        {
            Go(Step.HostKey);
        }
    }

    private async Task AddAsync()
    {
        if (await _form.RunAsync(async () => await Add.RunAsync(await Actors.GetAsync(), _model.Draft(_fingerprint), _leaving.Token)))
        {
            Go(Step.Check);
            StateHasChanged();
            await CheckAsync();
        }
        else if (_form.HasFaults)
        {
            Go(Step.Address);
        }
    }

    private async Task CheckAsync()
    {
        _check = null;
        await _form.RunAsync(async () => _check = await Check.RunAsync(await Actors.GetAsync(), _model.Name.Trim(), _leaving.Token));
    }

    private async Task FinishAsync()
    {
        var done = _model.Tags.Count == 0
            || await _form.RunAsync(async () => await Change.RunAsync(await Actors.GetAsync(), _model.Draft(_fingerprint), null, _leaving.Token));
        if (done)
        {
            Navigation.NavigateTo(AppUrls.Server(_model.Name.Trim()));
        }
    }
}
