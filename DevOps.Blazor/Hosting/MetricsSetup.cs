using System.Security.Cryptography;
using System.Text;
using DevOps.Infrastructure.Metrics;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace DevOps.Blazor.Hosting;

/// <summary><c>/metrics</c> for Prometheus: numbers without names of projects or people. Open to anyone, unless <c>Metrics:Token</c> is set.</summary>
public static class MetricsSetup
{
    private const string TokenKey = "Metrics:Token";
    private const string Hooks = "/webhooks";

    private static readonly HashSet<string> Providers = new(StringComparer.Ordinal) { "github", "gitlab", "gitea", "gitee", "bitbucket", "generic" };

    /// <summary>Adds what counts open pages.</summary>
    public static IServiceCollection AddDevOpsMetrics(this IServiceCollection services) => services.AddScoped<CircuitHandler, CircuitCount>();

    /// <summary>Counts the answers of webhooks.</summary>
    public static IApplicationBuilder UseDevOpsMetrics(this IApplicationBuilder app) => app.UseWhen(
        context => context.Request.Path.StartsWithSegments(Hooks, StringComparison.Ordinal),
        hooks => hooks.Use(async (context, next) =>
        {
            await next(context);
            var provider = context.Request.Path.Value!.Split('/') is [_, _, var word, ..] && Providers.Contains(word) ? word : "other";
            PlatformMeter.WebhookAnswers.Add(1, new("provider", provider), new("code", context.Response.StatusCode));
        }));

    /// <summary>Maps <c>/metrics</c>.</summary>
    public static void MapDevOpsMetrics(this IEndpointRouteBuilder app) => app.MapGet("/metrics", ReadAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> ReadAsync(HttpContext context, MetricsPage page, IConfiguration configuration, CancellationToken cancellationToken)
    {
        if (configuration[TokenKey] is { Length: > 0 } token && !IsAsked(context.Request.Headers.Authorization.ToString(), token))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Results.Problem("Send the token of Metrics:Token as a bearer token.", statusCode: StatusCodes.Status401Unauthorized);
        }

        return Results.Text(await page.WriteAsync(cancellationToken), "text/plain; version=0.0.4; charset=utf-8");
    }

    private static bool IsAsked(string header, string token) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header)), SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + token)));

    private sealed class CircuitCount : CircuitHandler
    {
        public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
        {
            PlatformMeter.Circuits.Add(1);
            return Task.CompletedTask;
        }

        public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
        {
            PlatformMeter.Circuits.Add(-1);
            return Task.CompletedTask;
        }
    }
}
