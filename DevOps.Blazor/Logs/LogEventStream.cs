using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using DevOps.Blazor.Events;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Logs;

/// <summary>Sends a log as server-sent events: <c>status</c> at first and per change of the deployment, <c>line</c> per line, <c>end</c> when both have come to their end.</summary>
public sealed class LogEventStream(LogFollower follower, LogReader reader, ChangeFeed changes, IOptions<JsonOptions> json, EventStream stream)
{
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(2);

    private JsonSerializerOptions Json => json.Value.SerializerOptions;

    /// <summary>Streams until the log is complete and the deployment final, the receiver is gone, or the house closes.</summary>
    public Task RunAsync(HttpContext context, Actor actor, LogHead head, LogRequest wanted, CancellationToken cancellationToken) => stream.RunAsync(
        context,
        async (frames, stop) =>
        {
            // Who asks learns first what the deployment was when it asked, however soon it changes.
            await frames.WriteAsync(Frame(head), stop);
            await Task.WhenAll(SendLinesAsync(frames, actor, head.DeploymentId, wanted, stop), SendStatusAsync(frames, actor, head, stop));
            await frames.WriteAsync(EventStream.End, stop);
        },
        cancellationToken);

    private async Task SendLinesAsync(ChannelWriter<string> frames, Actor actor, long id, LogRequest wanted, CancellationToken cancellationToken)
    {
        await foreach (var batch in follower.FollowAsync(actor, id, wanted.StreamFrom, cancellationToken))
        {
            foreach (var frame in Frames(batch.Lines.Where(wanted.Filter.Takes)))
            {
                await frames.WriteAsync(frame, cancellationToken);
            }
        }
    }

    private async Task SendStatusAsync(ChannelWriter<string> frames, Actor actor, LogHead opened, CancellationToken cancellationToken)
    {
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = changes.Subscribe(change =>
        {
            if (change.Kind == ChangeKind.Deployment && change.Id == opened.DeploymentId)
            {
                changed.Writer.TryWrite(true);
            }
        });
        var sent = opened.Status;
        while (true)
        {
            var head = await reader.OpenAsync(actor, opened.DeploymentId, cancellationToken);
            if (head.Status != sent)
            {
                sent = head.Status;
                await frames.WriteAsync(Frame(head), cancellationToken);
            }

            if (head.Status.IsFinal())
            {
                return;
            }

            await stream.WaitAsync(changed.Reader, SlowLook, cancellationToken);
            changed.Reader.TryRead(out _);
        }
    }

    private string Frame(LogHead head) => EventStream.Frame("status", JsonSerializer.Serialize(new LogStatus(head.DeploymentId, head.Status), Json));

    private IEnumerable<string> Frames(IEnumerable<LogLine> lines)
    {
        var frame = new StringBuilder();
        foreach (var line in lines)
        {
            frame.Append(EventStream.Frame("line", JsonSerializer.Serialize(line, Json), line.N));
            if (frame.Length >= EventStream.FrameLength)
            {
                yield return frame.ToString();
                frame.Clear();
            }
        }

        if (frame.Length > 0)
        {
            yield return frame.ToString();
        }
    }

    private sealed record LogStatus(long Id, DeploymentStatus Status);
}
