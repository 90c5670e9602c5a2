using DevOps.Blazor.Access;
using DevOps.Core.Pipeline;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Diagnostics;

namespace DevOps.Blazor.Api;

/// <summary>Turns what endpoints throw into problem answers: the one place that knows which refusal has which status.
/// What it does not know is a fault of ours: logged whole, answered without details.</summary>
public sealed class RefusalHandler(ILogger<RefusalHandler> log) : IExceptionHandler
{
    private const int ClientClosedRequest = 499;

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!httpContext.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) && !httpContext.Request.Path.StartsWithSegments("/webhooks", StringComparison.Ordinal))
        {
            return false;
        }

        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = ClientClosedRequest;
            return true;
        }

        var (status, detail, extensions) = exception is BadHttpRequestException bad ? await BadRequests.DescribeAsync(httpContext, bad) : Describe(exception);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            log.LogError(exception, "{Method} {Path} ended with {Status}", httpContext.Request.Method, httpContext.Request.Path, status);
        }

        await Problems.WriteAsync(httpContext, status, detail, extensions);
        return true;
    }

    private static (int Status, string Detail, Dictionary<string, object?>? Extensions) Describe(Exception exception) => exception switch
    {
        InvalidInput e => (StatusCodes.Status400BadRequest, "Some fields cannot be accepted; see errors.", Problems.Errors(e.Errors)),
        SignedOut => (StatusCodes.Status401Unauthorized, exception.Message, null),
        Forbidden => (StatusCodes.Status403Forbidden, exception.Message, null),
        NotFound => (StatusCodes.Status404NotFound, exception.Message, null),
        Conflict e => (StatusCodes.Status409Conflict, e.Message, Problems.Reason(e.Reason)),
        HostKeyChanged e => (StatusCodes.Status409Conflict, e.Message, KeyChange(e)),
        Stale => (StatusCodes.Status412PreconditionFailed, exception.Message, null),
        Unavailable or EngineUnavailable or HostUnreachable => (StatusCodes.Status503ServiceUnavailable, exception.Message, null),
        _ when DatabaseAway.Is(exception) =>
            (StatusCodes.Status503ServiceUnavailable, "The database does not answer. Nothing was changed; try again in a moment.", null),
        _ when DatabaseFault.IsDuplicate(exception) =>
            (StatusCodes.Status409Conflict, "Someone else created the same thing at the same moment.", Problems.Reason("exists")),
        _ when DatabaseFault.IsStale(exception) =>
            (StatusCodes.Status412PreconditionFailed, "Someone else changed this at the same moment. Read it again and repeat the change.", null),
        _ => (StatusCodes.Status500InternalServerError, "The platform failed to answer this request. Its log says why.", null),
    };

    private static Dictionary<string, object?> KeyChange(HostKeyChanged change)
    {
        var members = Problems.Reason("hostKeyChanged");
        members["pinned"] = change.Pinned;
        members["presented"] = change.Presented;
        return members;
    }
}
