using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Registers the room.</summary>
public static class DeploymentsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddDeployments(this IServiceCollection services) => services;
}
