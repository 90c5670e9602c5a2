using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Metrics;

/// <summary>Registers the room.</summary>
public static class MetricsServices
{
    /// <summary>Adds listening to the meters and the page for Prometheus.</summary>
    public static IServiceCollection AddMetricsPage(this IServiceCollection services) => services
        .AddSingleton<MetricsCollector>()
        .AddHostedService(provider => provider.GetRequiredService<MetricsCollector>())
        .AddSingleton<MetricsPage>();
}
