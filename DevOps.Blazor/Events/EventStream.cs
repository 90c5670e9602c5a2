using System.Globalization;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;

namespace DevOps.Blazor.Events;

/// <summary>Answers with server-sent events until what fills it has come to its end, the receiver is gone, or the house closes: the one place that knows how they are written.
/// A few frames wait for the receiver and then its own filler does, so that one that reads slowly, or not at all, costs little memory and holds up nobody else.</summary>
public sealed class EventStream(IHostApplicationLifetime house, TimeProvider time)
{
    /// <summary>Most characters that a filler puts into one frame if it can: a longer text is written in several.</summary>
    public const int FrameLength = 64 * 1024;

    private const int WaitingFrames = 4;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>The event that tells a receiver that nothing will follow and it need not come back.</summary>
    public static string End { get; } = Frame("end", "{}");

    /// <summary>One event as it is sent.</summary>
    /// <param name="name">Name of the event.</param>
    /// <param name="data">Its content, without line breaks.</param>
    /// <param name="id">What a receiver names to go on after it.</param>
    public static string Frame(string name, string data, long? id = null) =>
        (id is { } number ? string.Create(CultureInfo.InvariantCulture, $"id: {number}\n") : "") + $"event: {name}\ndata: {data}\n\n";

    /// <summary>Streams what <paramref name="fill"/> writes; the answer ends with it.</summary>
    public async Task RunAsync(HttpContext context, Func<ChannelWriter<string>, CancellationToken, Task> fill, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, house.ApplicationStopping);
        var frames = Channel.CreateBounded<string>(WaitingFrames);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var filling = FillAsync(frames.Writer, fill, stop.Token);
        try
        {
            await PumpAsync(frames.Reader, context.Response, stop.Token);
            await filling;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The receiver is gone or the house closes; a receiver comes back with the last number it saw.
        }
        finally
        {
            await stop.CancelAsync();
            await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>True when there is something to read or nothing will come any more, false when the time is over.</summary>
    internal async Task<bool> WaitAsync<T>(ChannelReader<T> channel, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var slow = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, cancellationToken);
        try
        {
            await channel.WaitToReadAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (slow.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task FillAsync(ChannelWriter<string> frames, Func<ChannelWriter<string>, CancellationToken, Task> fill, CancellationToken cancellationToken)
    {
        try
        {
            await frames.WriteAsync("retry: 2000\n\n", cancellationToken);
            await fill(frames, cancellationToken);
            frames.TryComplete();
        }
        catch (Exception exception)
        {
            frames.TryComplete(exception);
            throw;
        }
    }

    private async Task PumpAsync(ChannelReader<string> frames, HttpResponse response, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!await WaitAsync(frames, Heartbeat, cancellationToken))
            {
                await response.WriteAsync(": still here\n\n", cancellationToken);
            }

            while (frames.TryRead(out var frame))
            {
                await response.WriteAsync(frame, cancellationToken);
            }

            await response.Body.FlushAsync(cancellationToken);
            if (frames.Completion.IsCompleted)
            {
                await frames.Completion;
                return;
            }
        }
    }
}
