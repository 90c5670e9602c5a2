using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Docker;

/// <summary>Registers the room.</summary>
public static class DockerServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddDocker(this IServiceCollection services) => services;
}
