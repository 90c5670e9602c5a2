using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Blazor.Applications;
using DevOps.Blazor.Audit;
using DevOps.Blazor.Credentials;
using DevOps.Blazor.Deployments;
using DevOps.Blazor.Environments;
using DevOps.Blazor.Events;
using DevOps.Blazor.Insights;
using DevOps.Blazor.Logs;
using DevOps.Blazor.Notifications;
using DevOps.Blazor.Projects;
using DevOps.Blazor.Releases;
using DevOps.Blazor.Schedules;
using DevOps.Blazor.Servers;
using DevOps.Blazor.Settings;
using DevOps.Blazor.Webhooks;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Hosting;

/// <summary>The HTTP door: how JSON is read and written, what refusals look like, and which rooms answer.</summary>
public static class ApiSetup
{
    /// <summary>Rate limit of attempts to sign in, by address.</summary>
    public const string SignInLimit = "sign-in";

    // Far above what pages and scripts do; it stops loops that run away.
    private const int CallsPerSecond = 200;
    private const int CallsAtOnce = 2000;

    /// <summary>Adds what the API needs.</summary>
    public static IServiceCollection AddDevOpsApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options => ConfigureJson(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(options =>
        {
            options.Limits.MaxRequestBodySize = WholeBody.Max;
            options.AddServerHeader = false;
        });
        services.AddProblemDetails();
        services.AddExceptionHandler<RefusalHandler>();
        services.AddRateLimiter(ConfigureLimits);
        services.AddLogPages();
        services.AddEventStream();
        services.AddSingleton<WebhookLimits>();
        return services.AddDevOpsOpenApi();
    }

    /// <summary>Answers in <c>/api</c> what no endpoint answers: empty refusals and exceptions get a problem as their body. Stands before routing.</summary>
    public static IApplicationBuilder UseDevOpsApi(this IApplicationBuilder app) => app.UseWhen(
        context => context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal),
        api =>
        {
            api.UseExceptionHandler();
            api.UseStatusCodePages(pages => Problems.WriteAsync(
                pages.HttpContext, pages.HttpContext.Response.StatusCode, BadRequests.DetailOf(pages.HttpContext.Response.StatusCode)));
            api.Use((context, next) =>
            {
                context.Response.Headers.CacheControl = "no-store";
                return next(context);
            });
            api.Use(WholeBody.ReadAsync);
            api.Use(RefusedCalls.NoteAsync);
        }).UseWhen(
        context => context.Request.Path.StartsWithSegments("/webhooks", StringComparison.Ordinal),
        door =>
        {
            door.UseExceptionHandler();
            door.UseStatusCodePages(pages => Problems.WriteAsync(
                pages.HttpContext, pages.HttpContext.Response.StatusCode, BadRequests.DetailOf(pages.HttpContext.Response.StatusCode)));
        });

    /// <summary>Ends answers whose receiver may no longer have them. Stands after authorization.</summary>
    public static IApplicationBuilder UseOpenAnswers(this IApplicationBuilder app) => app.UseWhen(
        context => context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal),
        api => api.Use(api.ApplicationServices.GetRequiredService<OpenAnswers>().SendAsync));

    /// <summary>Maps <c>/api/v1</c>, one line per room.</summary>
    public static void MapDevOpsApi(this IEndpointRouteBuilder app)
    {
        var open = app.MapGroup("/api/v1");
        open.MapTokens();
        app.MapWebhooks();

        var group = app.MapGroup("/api/v1").RequireAuthorization(SignInSetup.Api)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);
        group.MapMe();
        group.MapPersonalTokens();
        group.MapSessions();
        group.MapSigningKeys();
        group.MapUsers();
        group.MapAudit();
        group.MapPasswordLinks();
        group.MapTwoFactor();
        group.MapDeployments();
        group.MapLogs();
        group.MapEvents();
        group.MapNotifications();
        group.MapSettings();
        group.MapProjects();
        group.MapEnvironments();
        group.MapReleases();
        group.MapServers();
        group.MapCredentials();
        group.MapApplications();
        group.MapDeliveries();
        group.MapInsights();
        group.MapSchedules();
    }

    internal static void ConfigureJson(JsonSerializerOptions options)
    {
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.MaxDepth = 32;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new UtcTime());
        options.Converters.Add(new SentenceText());
    }

    private static void ConfigureLimits(RateLimiterOptions options)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
            ? RateLimitPartition.GetTokenBucketLimiter(context.Address(), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = CallsAtOnce,
                TokensPerPeriod = CallsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            })
            : RateLimitPartition.GetNoLimiter(""));
        options.AddPolicy(SignInLimit, context => RateLimitPartition.GetFixedWindowLimiter(context.Address(), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = context.RequestServices.GetRequiredService<IOptions<AccessOptions>>().Value.AttemptsPerMinute,
            Window = TimeSpan.FromMinutes(1),
        }));
        options.OnRejected = async (context, _) =>
        {
            var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
            context.HttpContext.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            await Problems.WriteAsync(context.HttpContext, StatusCodes.Status429TooManyRequests, "Too many requests from this address. Wait as long as Retry-After says.");
        };
    }
}
