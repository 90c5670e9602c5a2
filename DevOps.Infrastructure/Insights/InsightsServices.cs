using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Insights;

/// <summary>Registers the room.</summary>
public static class InsightsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddInsights(this IServiceCollection services) => services
        .AddSingleton<InsightQueries>()
        .AddSingleton<DashboardQueries>();
}
