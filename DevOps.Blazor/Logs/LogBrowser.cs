using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace DevOps.Blazor.Logs;

/// <summary>The browser's half of a log, with its calls spelled once.</summary>
internal sealed class LogBrowser : IAsyncDisposable
{
    // An answer that was on its way when the connection broke never arrives.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IJSObjectReference _module;
    private readonly IJSObjectReference _view;
    private readonly DotNetObjectReference<LogView> _self;

    private LogBrowser(IJSObjectReference module, IJSObjectReference view, DotNetObjectReference<LogView> self)
    {
        _module = module;
        _view = view;
        _self = self;
    }

    public static async Task<LogBrowser> OpenAsync(IJSRuntime scripts, string path, ElementReference root, LogView view)
    {
        var module = await scripts.InvokeAsync<IJSObjectReference>("import", "./" + path);
        var self = DotNetObjectReference.Create(view);
        return new LogBrowser(module, await module.InvokeAsync<IJSObjectReference>("open", root, self), self);
    }

    public Task<Kept> BeginAsync() => AskAsync<Kept>("begin");

    public Task SetSectionsAsync(IReadOnlyList<LogSection> sections) => TellAsync("setSections", sections);

    public Task AppendAsync(long total, IReadOnlyList<LogRow> lines, bool live) => TellAsync("append", total, lines, live);

    public Task SetLookAsync(bool time, bool wrap, bool fresh) => TellAsync("setLook", time, wrap, fresh);

    public Task SetFollowAsync(bool on) => TellAsync("setFollow", on);

    public Task SetHitsAsync(string query, IReadOnlyList<long> lines, long? line) => TellAsync("setHits", query, lines, line);

    public Task ShowLineAsync(long line, bool keep = false) => TellAsync("showLine", line, !keep);

    public Task FoldAllAsync(bool on) => TellAsync("foldAll", on);

    public Task<long> TopLineAsync() => AskAsync<long>("topLine");

    public Task ToggleFullAsync() => TellAsync("toggleFull");

    private async Task TellAsync(string call, params object?[] values) => await AskAsync<object?>(call, values);

    // A browser that is out of reach for a moment is refused by the framework, or never answers.
    private async Task<T> AskAsync<T>(string call, params object?[] values)
    {
        try
        {
            return await _view.InvokeAsync<T>(call, Patience, values);
        }
        catch (Exception exception) when (exception is InvalidOperationException or OperationCanceledException)
        {
            throw new BrowserAway(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _self.Dispose();
        try
        {
            await _view.InvokeVoidAsync("dispose");
            await _view.DisposeAsync();
            await _module.DisposeAsync();
        }
        catch (Exception exception) when (exception is JSDisconnectedException or InvalidOperationException or OperationCanceledException)
        {
            // The browser is gone and took its half with it.
        }
    }

    /// <summary>What the reader chose last time, and the line the address names.</summary>
    internal sealed record Kept(bool Time, bool Wrap, long? Line);
}

/// <summary>The connection to the browser is interrupted; it may come back.</summary>
internal sealed class BrowserAway(Exception inner) : Exception("The browser cannot be reached at the moment.", inner);
