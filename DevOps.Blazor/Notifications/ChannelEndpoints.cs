using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Notifications;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Notifications;

/// <summary>Channels where people hear of deployments. A signing secret goes in and never comes back.</summary>
public static class ChannelEndpoints
{
    /// <summary>Maps <c>/notifications/channels</c>.</summary>
    public static void MapNotifications(this IEndpointRouteBuilder group)
    {
        var channels = group.MapGroup("/notifications/channels").WithTags("Notifications");
        channels.MapGet("/", ListAsync).WithName("ListChannels").WithSummary("Channels with their last message, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        channels.MapPost("/", CreateAsync).WithName("CreateChannel").WithExample(ChannelBody.Example).WithSummary("Adds a channel.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        channels.MapGet("/{name}", GetAsync).WithName("GetChannel").WithSummary("One channel.").ProducesProblem(StatusCodes.Status404NotFound);
        channels.MapPut("/{name}", ChangeAsync).WithName("ChangeChannel").WithExample(ChannelBody.Example).WithSummary("Replaces a channel; a secret left out stays.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        channels.MapDelete("/{name}", DeleteAsync).WithName("DeleteChannel").WithSummary("Deletes a channel with its history.").ProducesProblem(StatusCodes.Status404NotFound);
        channels.MapPost("/{name}/test", TestAsync).WithName("TestChannel").WithSummary("Sends a test message at once and says what the receiver answered.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        channels.MapGet("/{name}/deliveries", DeliveriesAsync).WithName("ListChannelDeliveries").WithSummary("Messages of a channel, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<Listing<ChannelAnswer>>> ListAsync(Caller caller, ChannelQueries channels, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var list = await channels.ListAsync(caller.Actor, PageRequest.Of(page, pageSize), cancellationToken);
        return TypedResults.Ok(new Listing<ChannelAnswer>([.. list.Items.Select(ChannelAnswer.Of)], list.Page, list.PageSize, list.Total));
    }

    private static async Task<Ok<ChannelAnswer>> GetAsync(string name, Caller caller, ChannelQueries channels, HttpResponse response, CancellationToken cancellationToken)
    {
        var view = await channels.GetAsync(caller.Actor, name, cancellationToken);
        response.SendTag(view.Revision);
        return TypedResults.Ok(ChannelAnswer.Of(view));
    }

    private static async Task<Created<ChannelAnswer>> CreateAsync(
        ChannelBody body, Caller caller, CreateChannel create, ChannelQueries channels, HttpResponse response, CancellationToken cancellationToken)
    {
        caller.Actor.Demand(Permission.NotificationEdit);
        var draft = body.Draft(body.Name);
        await create.RunAsync(caller.Actor, draft, cancellationToken);
        var view = await channels.GetAsync(caller.Actor, draft.Name, cancellationToken);
        response.SendTag(view.Revision);
        return TypedResults.Created($"/api/v1/notifications/channels/{view.Name}", ChannelAnswer.Of(view));
    }

    private static async Task<Ok<ChannelAnswer>> ChangeAsync(
        string name, ChannelBody body, Caller caller, IfMatch ifMatch, ChangeChannel change, ChannelQueries channels, HttpResponse response, CancellationToken cancellationToken)
    {
        caller.Actor.Demand(Permission.NotificationEdit);
        if (body.Name is not null && !string.Equals(body.Name, name, StringComparison.Ordinal))
        {
            throw new InvalidInput("name", "The name of a channel cannot be changed.");
        }

        await change.RunAsync(caller.Actor, body.Draft(name), ifMatch.Revision, cancellationToken);
        var view = await channels.GetAsync(caller.Actor, name, cancellationToken);
        response.SendTag(view.Revision);
        return TypedResults.Ok(ChannelAnswer.Of(view));
    }

    private static async Task<NoContent> DeleteAsync(string name, Caller caller, DeleteChannel delete, CancellationToken cancellationToken)
    {
        await delete.RunAsync(caller.Actor, name, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ChannelTest>> TestAsync(string name, Caller caller, TestChannel test, CancellationToken cancellationToken) =>
        TypedResults.Ok(await test.RunAsync(caller.Actor, name, cancellationToken));

    private static async Task<Ok<Listing<DeliveryView>>> DeliveriesAsync(
        string name, Caller caller, ChannelQueries channels, int? page, int? pageSize, CancellationToken cancellationToken) =>
        TypedResults.Ok(await channels.DeliveriesAsync(caller.Actor, name, PageRequest.Of(page, pageSize), cancellationToken));
}

/// <summary>A channel as a client sends it.</summary>
public sealed record ChannelBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "name": "ops", "kind": "dingtalk", "url": "https://oapi.example/robot/send?access_token=…", "secret": "SEC…", "events": ["failed", "succeeded"], "projects": ["shop"] }
        """;

    /// <summary>Slug.</summary>
    public string? Name { get; init; }

    /// <summary>What stands behind the address.</summary>
    public ChannelKind? Kind { get; init; }

    /// <summary>The address; for mail one or more mail addresses with commas.</summary>
    public string? Url { get; init; }

    /// <summary>Signing secret: left out it stays, empty it goes.</summary>
    public string? Secret { get; init; }

    /// <summary>States of a deployment that are told; left out: what is asked for most.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    /// <summary>Keys of projects; left out or empty: all.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Prints without the secret and the address.</summary>
    public override string ToString() => $"channel {Name} ({Kind})";

    internal ChannelDraft Draft(string? name)
    {
        var faults = new Faults();
        faults.When(name is null, "name", "This field is required.");
        faults.When(Kind is null, "kind", "This field is required: dingtalk, feishu, wecom, slack, teams, email or webhook.");
        faults.When(Url is null, "url", "This field is required.");
        faults.ThrowIfAny();
        return new ChannelDraft
        {
            Name = name!,
            Kind = Kind!.Value,
            Url = Url!,
            Secret = Secret is { } secret ? new Sensitive(secret) : null,
            Events = Events ?? ChannelEvents.Usual,
            Projects = Projects ?? [],
        };
    }
}

/// <summary>A channel without its secret.</summary>
/// <param name="Name">Slug.</param>
/// <param name="Kind">What stands behind the address.</param>
/// <param name="Url">Its address.</param>
/// <param name="SecretSet">Whether messages are signed.</param>
/// <param name="Events">States that are told.</param>
/// <param name="Projects">Keys of projects; empty for all.</param>
/// <param name="LastDelivery">The last message that was sent, given up or left out.</param>
public sealed record ChannelAnswer(string Name, ChannelKind Kind, string Url, bool SecretSet, IReadOnlyList<string> Events, IReadOnlyList<string> Projects, DeliveryView? LastDelivery)
{
    internal static ChannelAnswer Of(ChannelView view) => new(view.Name, view.Kind, view.Url, view.SecretSet, view.Events, view.Projects, view.LastDelivery);
}
