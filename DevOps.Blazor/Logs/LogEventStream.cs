using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Core.Logs;
using DevOps.Infrastructure.Logs;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Logs;

/// <summary>Sends a log as server-sent events: <c>line</c> per line, <c>status</c> per change of the deployment, <c>end</c> when both have come to their end.</summary>
public sealed class LogEventStream(LogFollower follower, LogReader reader, ChangeFeed changes, IOptions<JsonOptions> json, EventStream stream)
{
    private const int LinesPerFrame = 500;

    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(2);

    private JsonSerializerOptions Json => json.Value.SerializerOptions;

    /// <summary>Streams until the log is complete and the deployment final, the receiver is gone, or the house closes.</summary>
    public Task RunAsync(HttpContext context, Actor actor, LogHead head, LogRequest wanted, CancellationToken cancellationToken) => stream.RunAsync(
        context,
        (frames, stop) => Task.WhenAll(SendLinesAsync(frames, actor, head.DeploymentId, wanted, stop), SendStatusAsync(frames, actor, head.DeploymentId, stop)),
        cancellationToken);

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
                await frames.WriteAsync(EventStream.Frame("status", JsonSerializer.Serialize(new LogStatus(id, head.Status), Json)), cancellationToken);
            }

            if (head.Status.IsFinal())
            {
                return;
            }

            await stream.WaitAsync(changed.Reader, SlowLook, cancellationToken);
            changed.Reader.TryRead(out _);
        }
    }

    private string Frame(IEnumerable<LogLine> lines)
    {
        var frame = new StringBuilder();
        foreach (var line in lines)
        {
            frame.Append(EventStream.Frame("line", JsonSerializer.Serialize(line, Json), line.N));
        }

        return frame.ToString();
    }

    private sealed record LogStatus(long Id, DeploymentStatus Status);
}
