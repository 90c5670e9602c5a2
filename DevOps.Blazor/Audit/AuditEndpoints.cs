using DevOps.Blazor.Access;
using DevOps.Core;
using DevOps.Core.Audit;
using DevOps.Infrastructure.Audit;
using Microsoft.Net.Http.Headers;

namespace DevOps.Blazor.Audit;

/// <summary>The audit log over HTTP.</summary>
public static class AuditEndpoints
{
    private const string Csv = "text/csv";

    /// <summary>Maps <c>/audit</c>.</summary>
    public static void MapAudit(this IEndpointRouteBuilder group) => group.MapGet("/audit", ReadAsync)
        .WithTags("Access").WithName("ListAuditEntries")
        .WithSummary("Who did what, newest first. With Accept: text/csv or ?format=csv all of it as a table.")
        .Produces<Listing<AuditAnswer>>(StatusCodes.Status200OK, "application/json", Csv)
        .ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task<IResult> ReadAsync([AsParameters] AuditWanted wanted, Caller caller, AuditQueries audit, HttpRequest request, CancellationToken cancellationToken)
    {
        if (wanted.WantsCsv(request))
        {
            var entries = audit.AllAsync(caller.Actor, wanted.Filter(), cancellationToken);
            return TypedResults.Stream(stream => AuditCsv.WriteAsync(entries, stream, cancellationToken), $"{Csv}; charset=utf-8", "audit.csv");
        }

        var list = await audit.ListAsync(caller.Actor, wanted.Filter(), PageRequest.Of(wanted.Page, wanted.PageSize), cancellationToken);
        return TypedResults.Ok(new Listing<AuditAnswer>([.. list.Items.Select(AuditAnswer.Of)], list.Page, list.PageSize, list.Total));
    }

    /// <summary>What is asked for.</summary>
    private sealed record AuditWanted(string? Actor, string? Action, string? Subject, string? From, string? To, string? Format, int? Page, int? PageSize)
    {
        public AuditFilter Filter() => new(Actor, Action, Subject, AuditTime.Start("from", From), AuditTime.End("to", To));

        public bool WantsCsv(HttpRequest request) => Format switch
        {
            null or "" => request.GetTypedHeaders().Accept is { Count: > 0 } accepted && accepted.Any(a => new MediaTypeHeaderValue(Csv).IsSubsetOf(a) && !a.MatchesAllSubTypes),
            "csv" => true,
            "json" => false,
            _ => throw new Core.Refusals.InvalidInput("format", "Use csv or json."),
        };
    }
}

/// <summary>An entry of the audit log.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Actor">User name of who did it.</param>
/// <param name="Action">What was done.</param>
/// <param name="Subject">What it was done to.</param>
/// <param name="Summary">A sentence.</param>
/// <param name="Ip">Where the request came from.</param>
/// <param name="Changes">Fields that changed, where a setting did.</param>
public sealed record AuditAnswer(DateTimeOffset At, string Actor, string Action, string Subject, string Summary, string? Ip, IReadOnlyList<AuditChange> Changes)
{
    internal static AuditAnswer Of(AuditEntry entry) => new(entry.At, entry.Actor, entry.Action, entry.Subject, entry.Summary, entry.Ip, entry.Changes ?? []);
}
