using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DevOps.Blazor.Hosting;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: what it needs answers too, each by name; 503 when one does not. Both open to anyone,
/// so they say which part is ill and never why: reasons stand in the log.</summary>
public static class HealthSetup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // The loop turns at every poll; a database that hangs holds one turn for less than this.
    private static readonly TimeSpan SilentWorker = TimeSpan.FromSeconds(60);

    /// <summary>Adds the checks.</summary>
    public static IServiceCollection AddDevOpsHealth(this IServiceCollection services)
    {
        services.AddHealthChecks();
        services.Configure<HealthCheckServiceOptions>(options =>
        {
            Add(options, "database", "the database does not answer", DatabaseAsync);
            Add(options, "migrations", "migrations are missing", MigrationsAsync);
            Add(options, "engine", "the container engine does not answer", EngineAsync);
            Add(options, "worker", "the worker's loop stands still", WorkerAsync);
        });
        return services;
    }

    /// <summary>Maps both addresses.</summary>
    public static void MapDevOpsHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync }).AllowAnonymous();
        app.MapHealthChecks("/readyz", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static void Add(HealthCheckServiceOptions options, string name, string trouble, Func<IServiceProvider, CancellationToken, Task<bool>> check) =>
        options.Registrations.Add(new HealthCheckRegistration(name, provider => new Check(provider, trouble, check), HealthStatus.Unhealthy, tags: null));

    private static async Task<bool> DatabaseAsync(IServiceProvider provider, CancellationToken cancellationToken)
    {
        await using var db = await provider.GetRequiredService<IDbContextFactory<DevOpsDbContext>>().CreateDbContextAsync(cancellationToken);
        await db.Database.ExecuteSqlRawAsync("SELECT 1", cancellationToken);
        return true;
    }

    private static Task<bool> MigrationsAsync(IServiceProvider provider, CancellationToken cancellationToken) =>
        provider.GetRequiredService<DatabaseMigrator>().IsCurrentAsync(cancellationToken);

    // A process that only serves pages builds nothing and needs no engine.
    private static async Task<bool> EngineAsync(IServiceProvider provider, CancellationToken cancellationToken)
    {
        if (provider.GetRequiredService<PlatformOptions>().IsWorker)
        {
            await provider.GetRequiredService<IContainerEngine>().PingAsync(cancellationToken);
        }

        return true;
    }

    private static Task<bool> WorkerAsync(IServiceProvider provider, CancellationToken cancellationToken)
    {
        var heartbeat = provider.GetRequiredService<JobWorker>().Heartbeat;
        return Task.FromResult(!heartbeat.Expected || heartbeat.Age < SilentWorker);
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(new
        {
            status = Word(report.Status),
            checks = report.Entries.ToDictionary(e => e.Key, e => new { status = Word(e.Value.Status), detail = e.Value.Description }, StringComparer.Ordinal),
        });
    }

    private static string Word(HealthStatus status) => status == HealthStatus.Healthy ? "ok" : "bad";

    private sealed class Check(IServiceProvider provider, string trouble, Func<IServiceProvider, CancellationToken, Task<bool>> check) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                // The wait ends in time even when what is asked does not listen to its token.
                var good = await Task.Run(() => check(provider, limit.Token), limit.Token).WaitAsync(limit.Token);
                return good ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(trouble);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                return HealthCheckResult.Unhealthy(trouble, exception);
            }
        }
    }
}
