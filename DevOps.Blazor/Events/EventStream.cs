using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using DevOps.Core.Events;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Events;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Events;

/// <summary>Sends the history of deployments as server-sent events. It is read from the rows page by page and only as fast as the receiver takes it,
/// so a slow one costs one page of memory and holds up nobody.</summary>
public sealed class EventStream(EventReader reader, ActorReader actors, ChangeFeed changes, IOptions<JsonOptions> json, IHostApplicationLifetime house, TimeProvider time)
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(2);

    /// <summary>Streams until the receiver is gone, its account may not read any more, or the house closes.</summary>
    /// <param name="context">The request; who asks is read again from it before every page.</param>
    /// <param name="filter">What the stream is narrowed to.</param>
    /// <param name="after">Id of the last event the receiver has, or null for what comes from now on.</param>
    /// <param name="cancellationToken">Fires when the receiver is gone.</param>
    public async Task RunAsync(HttpContext context, EventFilter filter, long? after, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, house.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = changes.Subscribe(change =>
        {
            if (change.Kind is ChangeKind.Deployment)
            {
                changed.Writer.TryWrite(true);
            }
        });
        try
        {
            await SendAsync(context, filter, await BeginAsync(context.Response, after, stop.Token), changed.Reader, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The receiver is gone or the house closes; it comes back with the last id it saw.
        }
    }

    // Tells where the stream begins, so that a receiver can resume even before the first event.
    private async Task<long> BeginAsync(HttpResponse response, long? after, CancellationToken cancellationToken)
    {
        var span = await reader.SpanAsync(cancellationToken);
        var known = after >= span.Begin && after <= span.End;
        var from = known ? after!.Value : span.End;
        var name = known || after is null ? "ready" : "reset";
        await response.WriteAsync($"retry: 2000\n\n{Frame(from, name, """{}""")}", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        return from;
    }

    private async Task SendAsync(HttpContext context, EventFilter filter, long after, ChannelReader<bool> changed, CancellationToken cancellationToken)
    {
        var spoken = time.GetTimestamp();
        while (await actors.ReadAsync(context.User, cancellationToken) is { } actor)
        {
            var batch = await reader.ReadAsync(actor, filter, after, cancellationToken);
            after = batch.Through;
            if (batch.Events.Count > 0 || time.GetElapsedTime(spoken) >= Heartbeat)
            {
                await context.Response.WriteAsync(batch.Events.Count > 0 ? Frames(batch.Events) : ": still here\n\n", cancellationToken);
                await context.Response.Body.FlushAsync(cancellationToken);
                spoken = time.GetTimestamp();
            }

            if (!batch.More)
            {
                await WaitAsync(changed, cancellationToken);
            }
        }
    }

    private async Task WaitAsync(ChannelReader<bool> changed, CancellationToken cancellationToken)
    {
        using var slow = new CancellationTokenSource(SlowLook, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, cancellationToken);
        try
        {
            await changed.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (slow.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Nothing was heard; look all the same.
        }
    }

    private string Frames(IEnumerable<EventView> events)
    {
        var frames = new StringBuilder();
        foreach (var one in events)
        {
            frames.Append(Frame(one.Id, Json.Word(one.Kind), JsonSerializer.Serialize(one, json.Value.SerializerOptions)));
        }

        return frames.ToString();
    }

    private static string Frame(long id, string name, string data) =>
        string.Create(CultureInfo.InvariantCulture, $"id: {id}\nevent: {name}\ndata: {data}\n\n");
}
