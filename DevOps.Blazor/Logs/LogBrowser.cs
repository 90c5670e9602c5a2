using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace DevOps.Blazor.Logs;

/// <summary>The browser's half of a log, with its calls spelled once.</summary>
internal sealed class LogBrowser : IAsyncDisposable
{
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

    public Task<Kept> BeginAsync() => _view.InvokeAsync<Kept>("begin").AsTask();

    public Task SetSectionsAsync(IReadOnlyList<LogSection> sections) => _view.InvokeVoidAsync("setSections", sections).AsTask();

    public Task AppendAsync(long total, IReadOnlyList<LogRow> lines, bool live) => _view.InvokeVoidAsync("append", total, lines, live).AsTask();

    public Task SetLookAsync(bool time, bool wrap, bool fresh) => _view.InvokeVoidAsync("setLook", time, wrap, fresh).AsTask();

    public Task SetFollowAsync(bool on) => _view.InvokeVoidAsync("setFollow", on).AsTask();

    public Task SetHitsAsync(string query, IReadOnlyList<long> lines, long? line) => _view.InvokeVoidAsync("setHits", query, lines, line).AsTask();

    public Task ShowLineAsync(long line, bool keep = false) => _view.InvokeVoidAsync("showLine", line, !keep).AsTask();

    public Task FoldAllAsync(bool on) => _view.InvokeVoidAsync("foldAll", on).AsTask();

    public Task<long> TopLineAsync() => _view.InvokeAsync<long>("topLine").AsTask();

    public Task ToggleFullAsync() => _view.InvokeVoidAsync("toggleFull").AsTask();

    public async ValueTask DisposeAsync()
    {
        _self.Dispose();
        try
        {
            await _view.InvokeVoidAsync("dispose");
            await _view.DisposeAsync();
            await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone and took its half with it.
        }
    }

    /// <summary>What the reader chose last time, and the line the address names.</summary>
    internal sealed record Kept(bool Time, bool Wrap, long? Line);
}
