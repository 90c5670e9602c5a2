using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Core;
using DevOps.Core.Refusals;
using DevOps.Core.Schedules;
using DevOps.Infrastructure.Schedules;
using Microsoft.AspNetCore.Http.HttpResults;

namespace DevOps.Blazor.Schedules;

/// <summary>Schedules of a project over HTTP.</summary>
public static class ScheduleEndpoints
{
    /// <summary>Maps <c>/projects/{key}/schedules</c>.</summary>
    public static void MapSchedules(this IEndpointRouteBuilder group)
    {
        var schedules = group.MapGroup("/projects/{key}/schedules").WithTags("Schedules").ProducesProblem(StatusCodes.Status404NotFound);
        schedules.MapGet("/", ListAsync).WithName("ListSchedules").WithSummary("The schedules of a project, by name.").ProducesProblem(StatusCodes.Status400BadRequest);
        schedules.MapPost("/", CreateAsync).WithName("CreateSchedule").WithExample(ScheduleBody.Example).WithSummary("Adds a schedule: five fields of cron as in a crontab, or six or seven as Quartz writes them, in the clock of an IANA zone.").ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        schedules.MapGet("/{name}", GetAsync).WithName("GetSchedule").WithSummary("One schedule, with its next run and what the last one came to.");
        schedules.MapPut("/{name}", ChangeAsync).WithName("ChangeSchedule").WithExample(ScheduleBody.Example).WithSummary("Replaces a schedule.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status412PreconditionFailed);
        schedules.MapDelete("/{name}", DeleteAsync).WithName("DeleteSchedule").WithSummary("Deletes a schedule; what it asked for stays.").ProducesProblem(StatusCodes.Status412PreconditionFailed);
    }

    private static async Task<Ok<Listing<ScheduleAnswer>>> ListAsync(string key, Caller caller, ScheduleQueries schedules, int? page, int? pageSize, CancellationToken cancellationToken)
    {
        var request = PageRequest.Of(page, pageSize);
        var all = await schedules.ListAsync(caller.Actor, key, cancellationToken);
        return TypedResults.Ok(new Listing<ScheduleAnswer>([.. all.Skip(request.Skip).Take(request.PageSize).Select(ScheduleAnswer.Of)], request.Page, request.PageSize, all.Count));
    }

    private static async Task<Ok<ScheduleAnswer>> GetAsync(string key, string name, Caller caller, ScheduleQueries schedules, HttpResponse response, CancellationToken cancellationToken) =>
        TypedResults.Ok(await AnswerAsync(key, name, caller, schedules, response, cancellationToken));

    private static async Task<Created<ScheduleAnswer>> CreateAsync(
        string key, ScheduleBody body, Caller caller, CreateOrChangeSchedule verb, ScheduleQueries schedules, HttpResponse response, CancellationToken cancellationToken)
    {
        var name = body.Name ?? "";
        await verb.CreateAsync(caller.Actor, key, body.Draft(name), cancellationToken);
        return TypedResults.Created($"/api/v1/projects/{key}/schedules/{name}", await AnswerAsync(key, name, caller, schedules, response, cancellationToken));
    }

    private static async Task<Ok<ScheduleAnswer>> ChangeAsync([AsParameters] SchedulePut put, ScheduleBody body, HttpResponse response, CancellationToken cancellationToken)
    {
        await put.Schedules.ListAsync(put.Caller.Actor, put.Key, cancellationToken);
        if (body.Name is not null && !string.Equals(body.Name, put.Name, StringComparison.Ordinal))
        {
            throw new InvalidInput("name", "A name cannot be changed. Leave it out or give the one in the address.");
        }

        await put.Verb.ChangeAsync(put.Caller.Actor, put.Key, body.Draft(put.Name), put.IfMatch.Revision, cancellationToken);
        return TypedResults.Ok(await AnswerAsync(put.Key, put.Name, put.Caller, put.Schedules, response, cancellationToken));
    }

    private static async Task<NoContent> DeleteAsync(string key, string name, Caller caller, IfMatch ifMatch, DeleteSchedule delete, CancellationToken cancellationToken)
    {
        await delete.RunAsync(caller.Actor, key, name, ifMatch.Revision, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<ScheduleAnswer> AnswerAsync(string key, string name, Caller caller, ScheduleQueries schedules, HttpResponse response, CancellationToken cancellationToken)
    {
        var view = await schedules.GetAsync(caller.Actor, key, name, cancellationToken);
        response.SendTag(view.Schedule.Revision);
        return ScheduleAnswer.Of(view);
    }
}

/// <summary>What a PUT of a schedule takes besides its body.</summary>
internal sealed record SchedulePut(string Key, string Name, Caller Caller, IfMatch IfMatch, CreateOrChangeSchedule Verb, ScheduleQueries Schedules);

/// <summary>A schedule as a client sends it. What a GET answers may be sent back.</summary>
public sealed record ScheduleBody
{
    /// <summary>A body as it may be sent.</summary>
    internal const string Example = """
        { "name": "nightly", "environment": "staging", "ref": "main", "cron": "0 3 * * *", "timeZone": "Asia/Shanghai", "enabled": true, "onlyIfChanged": true }
        """;

    /// <summary>Slug; in a PUT it may be left out.</summary>
    public string? Name { get; init; }

    /// <summary>Name of the environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Branch or tag; the project's branch when left out.</summary>
    public string? Ref { get; init; }

    /// <summary>Five fields as in a crontab, or six or seven as Quartz writes them.</summary>
    public required string Cron { get; init; }

    /// <summary>IANA name of the zone.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>Whether it fires.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Whether nothing is deployed while there is no new commit.</summary>
    public bool OnlyIfChanged { get; init; }

    /// <summary>Answered by a GET; taken and not used.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>Answered by a GET; taken and not used.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>Answered by a GET; taken and not used.</summary>
    public string? LastResult { get; init; }

    /// <summary>Answered by a GET; taken and not used.</summary>
    public long? LastDeployment { get; init; }

    internal ScheduleDraft Draft(string name) => new() { Name = name, Environment = Environment, Ref = Ref, Cron = Cron, TimeZone = TimeZone, Enabled = Enabled, OnlyIfChanged = OnlyIfChanged };
}

/// <summary>A schedule.</summary>
/// <param name="Name">Slug.</param>
/// <param name="Environment">Name of the environment.</param>
/// <param name="Ref">Branch or tag; null for the project's branch.</param>
/// <param name="Cron">When.</param>
/// <param name="TimeZone">IANA name of the zone whose clock is meant.</param>
/// <param name="Enabled">Whether it fires.</param>
/// <param name="OnlyIfChanged">Whether nothing is deployed while there is no new commit.</param>
/// <param name="NextRunAt">When it is due next.</param>
/// <param name="LastRunAt">When it last fired.</param>
/// <param name="LastResult">What came of that, in words.</param>
/// <param name="LastDeployment">Number of the deployment it last asked for.</param>
public sealed record ScheduleAnswer(
    string Name, string Environment, string? Ref, string Cron, string TimeZone, bool Enabled, bool OnlyIfChanged,
    DateTimeOffset? NextRunAt, DateTimeOffset? LastRunAt, string? LastResult, long? LastDeployment)
{
    internal static ScheduleAnswer Of(ScheduleView view)
    {
        var schedule = view.Schedule;
        return new(
            schedule.Name, view.Environment, schedule.Ref.Length > 0 ? schedule.Ref : null, schedule.Cron, schedule.TimeZone, schedule.Enabled, schedule.OnlyIfChanged,
            view.Next is [var next, ..] ? next : null, schedule.LastFiredAt, schedule.LastResult, schedule.LastDeploymentId);
    }
}
