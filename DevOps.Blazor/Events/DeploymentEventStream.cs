using System.Text.Json;
using System.Threading.Channels;
using DevOps.Core.Events;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Events;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Events;

/// <summary>Sends the history of deployments as server-sent events. It is read from the rows page by page and only as fast as the receiver takes it,
/// so a slow one costs a few pages of memory and holds up nobody.</summary>
public sealed class DeploymentEventStream(EventReader reader, ActorReader actors, ChangeFeed changes, IOptions<JsonOptions> json, EventStream stream)
{
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(2);

    /// <summary>Streams until the receiver is gone, its account may not read any more, or the house closes.</summary>
    /// <param name="context">The request; who asks is read again from it before every page.</param>
    /// <param name="filter">What the stream is narrowed to.</param>
    /// <param name="after">Id of the last event the receiver has, or null for what comes from now on.</param>
    /// <param name="cancellationToken">Fires when the receiver is gone.</param>
    public Task RunAsync(HttpContext context, EventFilter filter, long? after, CancellationToken cancellationToken) => stream.RunAsync(
        context,
        async (frames, stop) =>
        {
            var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
            using var subscription = changes.Subscribe(change =>
            {
                if (change.Kind is ChangeKind.Deployment)
                {
                    changed.Writer.TryWrite(true);
                }
            });
            var from = await BeginAsync(frames, after, stop);
            while (await actors.ReadAsync(context.User, stop) is { } actor)
            {
                var batch = await reader.ReadAsync(actor, filter, from, stop);
                from = batch.Through;
                if (batch.Events.Count > 0)
                {
                    await frames.WriteAsync(string.Concat(batch.Events.Select(Frame)), stop);
                }

                if (!batch.More)
                {
                    await stream.WaitAsync(changed.Reader, SlowLook, stop);
                    changed.Reader.TryRead(out _);
                }
            }
        },
        cancellationToken);

    // Tells where the stream begins, so that a receiver can resume even before the first event.
    private async Task<long> BeginAsync(ChannelWriter<string> frames, long? after, CancellationToken cancellationToken)
    {
        var span = await reader.SpanAsync(cancellationToken);
        var known = after >= span.Begin && after <= span.End;
        var from = known ? after!.Value : span.End;
        await frames.WriteAsync(EventStream.Frame(known || after is null ? "ready" : "reset", "{}", from), cancellationToken);
        return from;
    }

    private string Frame(EventView one) => EventStream.Frame(Json.Word(one.Kind), JsonSerializer.Serialize(one, json.Value.SerializerOptions), one.Id);
}
