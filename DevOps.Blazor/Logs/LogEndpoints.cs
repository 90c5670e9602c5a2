using DevOps.Blazor.Access;
using DevOps.Core.Logs;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Logs;
using Microsoft.Net.Http.Headers;

namespace DevOps.Blazor.Logs;

/// <summary>The log of a deployment for programs: as text, by page, or as a stream of events. Which of them is said by the <c>Accept</c> header.</summary>
public static class LogEndpoints
{
    /// <summary>Most lines of a page.</summary>
    public const int MaxCount = 10_000;

    private const int DefaultCount = 1000;
    private const string Text = "text/plain";
    private const string Json = "application/json";
    private const string Events = "text/event-stream";

    /// <summary>Maps <c>/deployments/{id}/log</c>.</summary>
    public static void MapLogs(this IEndpointRouteBuilder group) =>
        group.MapGet("/deployments/{id:long}/log", ReadAsync).WithTags("Deployments").WithName("GetDeploymentLog")
            .WithSummary("The log: text/plain whole, application/json by page, text/event-stream live (Last-Event-ID resumes).")
            .Produces<LogPage>(StatusCodes.Status200OK, Json, Text, Events)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> ReadAsync(
        long id, [AsParameters] LogRequest wanted, Caller caller, LogReader reader, LogEventStream events, HttpContext context, CancellationToken cancellationToken)
    {
        wanted.Check();
        var head = await reader.OpenAsync(caller.Actor, id, cancellationToken);
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        switch (Negotiate(context.Request))
        {
            case Json:
                return TypedResults.Ok(await PageAsync(head, wanted, reader, cancellationToken));
            case Events:
                await events.RunAsync(context, caller.Actor, head, wanted, cancellationToken);
                return Results.Empty;
            default:
                await SendTextAsync(context.Response, id, wanted, reader, cancellationToken);
                return Results.Empty;
        }
    }

    private static async Task<LogPage> PageAsync(LogHead head, LogRequest wanted, LogReader reader, CancellationToken cancellationToken)
    {
        var from = wanted.From ?? 1;
        var count = wanted.Count ?? DefaultCount;
        var lines = wanted.Filter == LogFilter.All
            ? await reader.ReadAsync(head.DeploymentId, from, count, cancellationToken)
            : await reader.AllAsync(head.DeploymentId, wanted.Filter, from, cancellationToken).Take(count).ToListAsync(cancellationToken);
        return new LogPage(lines, await reader.CountAsync(head.DeploymentId, cancellationToken), head.Complete);
    }

    private static async Task SendTextAsync(HttpResponse response, long id, LogRequest wanted, LogReader reader, CancellationToken cancellationToken)
    {
        response.ContentType = $"{Text}; charset=utf-8";
        if (wanted.Download is not null and not "0" and not "false")
        {
            response.Headers.ContentDisposition = $"attachment; filename=\"{wanted.FileName(id)}\"";
        }

        await reader.WriteTextAsync(id, wanted.Filter, response.Body, cancellationToken);
    }

    private static string Negotiate(HttpRequest request)
    {
        foreach (var accepted in request.GetTypedHeaders().Accept.OrderByDescending(a => a.Quality ?? 1))
        {
            foreach (var offered in new[] { Text, Json, Events })
            {
                if (accepted.Quality is not 0 && new MediaTypeHeaderValue(offered).IsSubsetOf(accepted))
                {
                    return offered;
                }
            }
        }

        return Text;
    }
}

/// <summary>A page of lines.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="Total">Number of stored lines of the whole log.</param>
/// <param name="Complete">Whether no further lines follow.</param>
public sealed record LogPage(IReadOnlyList<LogLine> Lines, long Total, bool Complete);
