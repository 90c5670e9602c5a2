using DevOps.Blazor.Access;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Logs;
using Microsoft.JSInterop;

namespace DevOps.Blazor.Logs;

/// <summary>How news from the end of the log reach the browser.</summary>
public sealed partial class LogView
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Interruption = TimeSpan.FromMilliseconds(500);

    private async Task WatchAsync(LogBrowser browser, long? line)
    {
        try
        {
            await foreach (var look in Tail.WatchAsync(Viewer.GetAsync, DeploymentId, _stopping.Token))
            {
                await ShowAsync(browser, look, line);
                await Task.Delay(Pause, Clock, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The page is gone.
        }
        catch (JSDisconnectedException)
        {
            // So is the browser.
        }
        catch (Refusal refusal)
        {
            await InvokeAsync(() => Say(Sentences.Say(refusal.Said)));
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    // While the connection is interrupted the look waits; what came since is read when it is back. What is sent to a browser that reads nothing stays in this process,
    // so only a short word is tried again and again.
    private async Task ShowAsync(LogBrowser browser, LogLook look, long? line)
    {
        while (true)
        {
            try
            {
                await browser.AppendAsync(look.Total, LogRow.Of(look.Last), !look.Complete);
                await InvokeAsync(() => TakeAsync(browser, look, line));
                return;
            }
            catch (BrowserAway)
            {
                await BackAsync(browser);
            }
        }
    }

    private async Task BackAsync(LogBrowser browser)
    {
        for (var back = false; !back;)
        {
            await Task.Delay(Interruption, Clock, _stopping.Token);
            try
            {
                await browser.TopLineAsync();
                back = true;
            }
            catch (BrowserAway)
            {
                // Not yet.
            }
        }
    }

    private async Task TakeAsync(LogBrowser browser, LogLook look, long? line)
    {
        var show = _total == 0 || !_started || Live != !look.Complete;
        (_total, Live) = (look.Total, !look.Complete);
        if (!_started)
        {
            _started = true;
            Follow = Live && line is null;
            await browser.SetLookAsync(Time, Wrap, fresh: true);
            await browser.SetFollowAsync(Follow);
            if (line is { } named)
            {
                await browser.ShowLineAsync(named, keep: true);
            }
        }

        show |= await _search!.ContinueAsync(_stopping.Token);
        if (show)
        {
            StateHasChanged();
        }
    }
}
