using Microsoft.JSInterop;

namespace DevOps.Blazor.Logs;

/// <summary>What the toolbar and the keys do.</summary>
public sealed partial class LogView
{
    private static readonly TimeSpan Typing = TimeSpan.FromMilliseconds(200);

    private LogSearchState? _search;
    private int _typed;

    /// <summary>Whether the browser's half is there; before that nothing can be chosen.</summary>
    public bool Ready => _started;

    /// <summary>Whether times are shown.</summary>
    public bool Time { get; private set; } = true;

    /// <summary>Whether long lines wrap.</summary>
    public bool Wrap { get; private set; }

    /// <summary>Whether the end is kept in sight.</summary>
    public bool Follow { get; private set; }

    /// <summary>Whether lines may still come.</summary>
    public bool Live { get; private set; } = true;

    /// <summary>Whether all steps were folded.</summary>
    public bool Folded { get; private set; }

    /// <summary>Whether it fills the screen.</summary>
    public bool Full { get; private set; }

    /// <summary>What is searched for.</summary>
    public string Query { get; private set; } = "";

    /// <summary>True until the search for it is done.</summary>
    public bool Searching { get; private set; }

    /// <summary>Lines that match.</summary>
    public long Hits => _search?.Count ?? 0;

    /// <summary>Which of them is shown.</summary>
    public long Hit => _search?.Position ?? 0;

    /// <summary>Searches once the typing pauses.</summary>
    public async Task SearchAsync(string? text)
    {
        Query = text ?? "";
        Searching = true;
        var typed = ++_typed;
        await Task.Delay(Typing, Clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (typed != _typed || _browser is null || _search is null || _stopping.IsCancellationRequested)
        {
            return;
        }

        await _search.StartAsync(Query, await _browser.TopLineAsync(), _stopping.Token);
        Searching = false;
        await ShowHitAsync();
    }

    /// <summary>Goes to the next line that matches.</summary>
    public async Task NextHitAsync()
    {
        await _search!.NextAsync(_stopping.Token);
        await ShowHitAsync();
    }

    /// <summary>Goes to the line before that matches.</summary>
    public async Task PreviousHitAsync()
    {
        await _search!.PreviousAsync(_stopping.Token);
        await ShowHitAsync();
    }

    /// <summary>Goes to the line to look at first.</summary>
    public async Task FirstErrorAsync()
    {
        var line = await Reader.FirstErrorAsync(DeploymentId, _stopping.Token);
        Say(line is null ? Text["NoError"].Value : null);
        if (line is { } n)
        {
            await ShowLineAsync(n);
        }
    }

    /// <summary>Shows or hides times.</summary>
    public Task ToggleTimeAsync()
    {
        Time = !Time;
        return _browser?.SetLookAsync(Time, Wrap, fresh: false) ?? Task.CompletedTask;
    }

    /// <summary>Wraps or cuts long lines.</summary>
    public Task ToggleWrapAsync()
    {
        Wrap = !Wrap;
        return _browser?.SetLookAsync(Time, Wrap, fresh: false) ?? Task.CompletedTask;
    }

    /// <summary>Takes hold of the end or lets go of it.</summary>
    public Task ToggleFollowAsync()
    {
        Follow = !Follow;
        return _browser?.SetFollowAsync(Follow) ?? Task.CompletedTask;
    }

    /// <summary>Folds or unfolds all steps.</summary>
    public Task ToggleFoldAsync()
    {
        Folded = !Folded;
        return _browser?.FoldAllAsync(Folded) ?? Task.CompletedTask;
    }

    /// <summary>Fills the screen or gives it back.</summary>
    public Task ToggleFullAsync() => _browser?.ToggleFullAsync() ?? Task.CompletedTask;

    /// <summary>Called by the browser: the reader scrolled away from the end, or back to it.</summary>
    [JSInvokable]
    public void FollowChanged(bool on)
    {
        Follow = on;
        StateHasChanged();
    }

    /// <summary>Called by the browser.</summary>
    [JSInvokable]
    public void FullChanged(bool on)
    {
        Full = on;
        StateHasChanged();
    }

    /// <summary>Called by the browser: a key was pressed in the log.</summary>
    [JSInvokable]
    public async Task KeyAsync(string action)
    {
        await (action switch
        {
            "follow" when Live => ToggleFollowAsync(),
            "wrap" => ToggleWrapAsync(),
            "time" => ToggleTimeAsync(),
            "error" => FirstErrorAsync(),
            "next" when Hits > 0 => NextHitAsync(),
            "previous" when Hits > 0 => PreviousHitAsync(),
            _ => Task.CompletedTask,
        });
        StateHasChanged();
    }

    private async Task ShowHitAsync()
    {
        if (_browser is { } browser)
        {
            await browser.SetHitsAsync(Query, _search!.Lines, _search.Line);
        }
    }
}
