using DevOps.Blazor.Access;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Logs;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;

namespace DevOps.Blazor.Logs;

/// <summary>The log of a deployment, live. The browser's half (<c>LogView.razor.js</c>) draws the rows near the screen and asks for them by number;
/// this half watches the end of the log, searches it whole, and keeps what the toolbar shows.</summary>
public sealed partial class LogView : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private ElementReference _root;
    private LogBrowser? _browser;
    private Task _watching = Task.CompletedTask;
    private IReadOnlyList<LogSection> _sections = [];
    private string? _notice;
    private long _total;
    private bool _started;

    [Inject]
    public required IJSRuntime Scripts { get; set; }

    [Inject]
    public required LogReader Reader { get; set; }

    [Inject]
    public required LogTail Tail { get; set; }

    [Inject]
    public required LogSearch Store { get; set; }

    [Inject]
    public required CircuitActor Viewer { get; set; }

    [Inject]
    public required TimeProvider Clock { get; set; }

    [Inject]
    public required IStringLocalizer<LogWords> Text { get; set; }

    [Inject]
    public required Sentences Sentences { get; set; }

    /// <summary>The deployment.</summary>
    [Parameter, EditorRequired]
    public required long DeploymentId { get; set; }

    /// <summary>Its steps; each that has a first line becomes a section that folds.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<DeploymentStepView> Steps { get; set; }

    /// <summary>Goes to a line and marks it.</summary>
    public async Task ShowLineAsync(long line)
    {
        if (_browser is { } browser)
        {
            await browser.ShowLineAsync(line);
        }
    }

    /// <summary>Called by the browser: lines for the rows near the screen.</summary>
    [JSInvokable]
    public async Task<IReadOnlyList<LogRow>> LinesAsync(long from, int count) =>
        LogRow.Of(await Reader.ReadAsync(DeploymentId, from, Math.Clamp(count, 1, 500), _stopping.Token));

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        var sections = LogSection.Of(Steps, Text);
        if (!sections.SequenceEqual(_sections))
        {
            _sections = sections;
            if (_browser is { } browser)
            {
                await browser.SetSectionsAsync(sections);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        try
        {
            _search = new LogSearchState(Store, DeploymentId);
            var browser = await LogBrowser.OpenAsync(Scripts, Assets["Logs/LogView.razor.js"], _root, this);
            var kept = await browser.BeginAsync();
            (Time, Wrap) = (kept.Time, kept.Wrap);
            await browser.SetSectionsAsync(_sections);
            _browser = browser;
            _watching = WatchAsync(browser, kept.Line);
        }
        catch (Exception exception) when (exception is JSDisconnectedException or BrowserAway)
        {
            // The page was left while it was being opened.
        }
    }

    private void Say(string? notice)
    {
        _notice = notice;
        StateHasChanged();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        if (_browser is { } browser)
        {
            await browser.DisposeAsync();
        }

        _stopping.Dispose();
    }
}
