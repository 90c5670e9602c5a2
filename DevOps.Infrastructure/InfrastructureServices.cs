using DevOps.Core.Events;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Applications;
using DevOps.Infrastructure.Artifacts;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Credentials;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Docker;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Events;
using DevOps.Infrastructure.Git;
using DevOps.Infrastructure.Hosting;
using DevOps.Infrastructure.Insights;
using DevOps.Infrastructure.Logs;
using DevOps.Infrastructure.Metrics;
using DevOps.Infrastructure.Net;
using DevOps.Infrastructure.Notifications;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Queue;
using DevOps.Infrastructure.Releases;
using DevOps.Infrastructure.Retention;
using DevOps.Infrastructure.Schedules;
using DevOps.Infrastructure.Search;
using DevOps.Infrastructure.Secrets;
using DevOps.Infrastructure.Servers;
using DevOps.Infrastructure.Settings;
using DevOps.Infrastructure.Ssh;
using DevOps.Infrastructure.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace DevOps.Infrastructure;

/// <summary>Registers everything that touches the world, one call per room.</summary>
public static class InfrastructureServices
{
    /// <summary>Adds all rooms on top of an open data source. <see cref="PlatformOptions"/> must be registered.</summary>
    public static IServiceCollection AddDevOpsInfrastructure(this IServiceCollection services, NpgsqlDataSource database)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(database);

        // Making one costs as much as a query, and those that rest cost little: as many as there are connections.
        services.AddPooledDbContextFactory<DevOpsDbContext>(
            options => options.UseNpgsql(database, npgsql => npgsql.UseQuerySplittingBehavior(QuerySplittingBehavior.SingleQuery)), PostgresCluster.Connections);
        services.AddSingleton<ChangeFeed>();
        services.AddSingleton<DatabaseMigrator>();
        services.AddHostedService(provider => QuietMemory.OfThisProcess(provider.GetRequiredService<TimeProvider>()));
        return services
            .AddAudit()
            .AddNet()
            .AddQueue()
            .AddLogs()
            .AddEvents()
            .AddSecrets()
            .AddAccess()
            .AddDocker()
            .AddSsh()
            .AddGit()
            .AddArtifacts()
            .AddCredentials()
            .AddServers()
            .AddProjects()
            .AddEnvironments()
            .AddReleases()
            .AddDeployments()
            .AddApplications()
            .AddWebhooks()
            .AddNotifications()
            .AddSettings()
            .AddMetricsPage()
            .AddSearch()
            .AddInsights()
            .AddSchedules()
            .AddServerRounds()
            .AddRetention();
    }
}
