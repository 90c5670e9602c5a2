using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace DevOps.Blazor.Api;

/// <summary>Writes RFC 9457 answers. Every refusal of the API goes through here.</summary>
public static class Problems
{
    /// <summary>Answers with a problem.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="detail">What happened and what to do, without secrets.</param>
    /// <param name="extensions">Further members, such as <c>errors</c> or <c>reason</c>.</param>
    public static Task WriteAsync(HttpContext context, int status, string detail, IDictionary<string, object?>? extensions = null) =>
        Of(status, detail, extensions).ExecuteAsync(context);

    /// <summary>A problem as a result of an endpoint.</summary>
    public static ProblemHttpResult Of(int status, string detail, IDictionary<string, object?>? extensions = null)
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Title = status == StatusCodes.Status400BadRequest ? "The request cannot be accepted" : ReasonPhrases.GetReasonPhrase(status),
            Detail = detail,
        };
        foreach (var (name, value) in extensions ?? new Dictionary<string, object?>(StringComparer.Ordinal))
        {
            problem.Extensions[name] = value;
        }

        return TypedResults.Problem(problem);
    }

    /// <summary>The <c>errors</c> member of a 400.</summary>
    public static Dictionary<string, object?> Errors(IReadOnlyDictionary<string, string[]> errors) =>
        new(StringComparer.Ordinal) { ["errors"] = errors };

    /// <summary>The <c>reason</c> member of a 409.</summary>
    public static Dictionary<string, object?> Reason(string reason) => new(StringComparer.Ordinal) { ["reason"] = reason };
}
