using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Logs;

/// <summary>Sends a log as server-sent events: <c>line</c> per line, <c>status</c> per change of the deployment, <c>end</c> when both have come to their end.
/// A receiver that reads slowly holds up this stream alone.</summary>
public sealed class LogEventStream(LogFollower follower, LogReader reader, ChangeFeed changes, IOptions<JsonOptions> json, IHostApplicationLifetime house, TimeProvider time)
{
    private const int WaitingFrames = 4;
    private const int LinesPerFrame = 500;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(2);

    private JsonSerializerOptions Json => json.Value.SerializerOptions;

    /// <summary>Streams until the log is complete and the deployment final, the receiver is gone, or the house closes.</summary>
    public async Task RunAsync(HttpContext context, Actor actor, LogHead head, LogRequest wanted, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, house.ApplicationStopping);
        var frames = Channel.CreateBounded<string>(WaitingFrames);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var filling = FillAsync(frames.Writer, actor, head, wanted, stop.Token);
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

    private async Task FillAsync(ChannelWriter<string> frames, Actor actor, LogHead head, LogRequest wanted, CancellationToken cancellationToken)
    {
        try
        {
            await frames.WriteAsync("retry: 2000\n\n", cancellationToken);
            await Task.WhenAll(
                SendLinesAsync(frames, actor, head.DeploymentId, wanted, cancellationToken),
                SendStatusAsync(frames, actor, head.DeploymentId, cancellationToken));
            await frames.WriteAsync("event: end\ndata: {}\n\n", cancellationToken);
            frames.TryComplete();
        }
        catch (Exception exception)
        {
            frames.TryComplete(exception);
            throw;
        }
    }

    private async Task SendLinesAsync(ChannelWriter<string> frames, Actor actor, long id, LogRequest wanted, CancellationToken cancellationToken)
    {
        await foreach (var batch in follower.FollowAsync(actor, id, wanted.StreamFrom, cancellationToken))
        {
            foreach (var part in batch.Lines.Where(wanted.Filter.Takes).Chunk(LinesPerFrame))
            {
                await frames.WriteAsync(Frame(part), cancellationToken);
            }
        }
    }

    private async Task SendStatusAsync(ChannelWriter<string> frames, Actor actor, long id, CancellationToken cancellationToken)
    {
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = changes.Subscribe(change =>
        {
            if (change.Kind == ChangeKind.Deployment && change.Id == id)
            {
                changed.Writer.TryWrite(true);
            }
        });
        DeploymentStatus? sent = null;
        while (true)
        {
            var head = await reader.OpenAsync(actor, id, cancellationToken);
            if (head.Status != sent)
            {
                sent = head.Status;
                await frames.WriteAsync($"event: status\ndata: {JsonSerializer.Serialize(new LogStatus(id, head.Status), Json)}\n\n", cancellationToken);
            }

            if (head.Status.IsFinal())
            {
                return;
            }

            await WaitAsync(changed.Reader, SlowLook, cancellationToken);
            changed.Reader.TryRead(out _);
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

    // True when there is something to read or nothing will come any more, false when the time is over.
    private async Task<bool> WaitAsync<T>(ChannelReader<T> channel, TimeSpan atMost, CancellationToken cancellationToken)
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

    private string Frame(IEnumerable<LogLine> lines)
    {
        var frame = new StringBuilder();
        foreach (var line in lines)
        {
            frame.Append("id: ").Append(line.N.ToString(CultureInfo.InvariantCulture))
                .Append("\nevent: line\ndata: ").Append(JsonSerializer.Serialize(line, Json)).Append("\n\n");
        }

        return frame.ToString();
    }

    private sealed record LogStatus(long Id, DeploymentStatus Status);
}
