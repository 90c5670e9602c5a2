namespace DevOps.Blazor.Hosting;

/// <summary>Tells browsers what a page of ours may do. Scripts only from here and never inline; styles inline too, as the component library sets them on elements.</summary>
public static class SecurityHeaders
{
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; connect-src ";

    /// <summary>Adds the headers to every answer.</summary>
    public static IApplicationBuilder UseDevOpsSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy + Connections(context.Request);
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.XFrameOptions = "DENY";
            return Task.CompletedTask;
        });
        return next(context);
    });

    // 'self' does not cover web sockets in every browser, so ours is named.
    private static string Connections(HttpRequest request) =>
        IsPlainHost(request.Host.Value) ? $"'self' {(request.IsHttps ? "wss" : "ws")}://{request.Host.Value}" : "'self'";

    // The host comes from the client and must not add words to the policy.
    private static bool IsPlainHost(string? host) =>
        !string.IsNullOrEmpty(host) && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']');
}
