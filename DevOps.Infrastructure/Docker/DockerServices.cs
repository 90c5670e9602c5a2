using DevOps.Core.Pipeline.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DevOps.Infrastructure.Docker;

/// <summary>Registers the room.</summary>
public static class DockerServices
{
    /// <summary>Adds what the room offers. <see cref="DockerOptions"/> that are registered before win over the environment's.</summary>
    public static IServiceCollection AddDocker(this IServiceCollection services)
    {
        services.TryAddSingleton(_ => DockerOptions.FromEnvironment());
        services.AddSingleton<Installation>();
        services.AddSingleton<DockerConnection>();
        services.AddSingleton<ContainerRemoval>();
        services.AddHostedService(provider => provider.GetRequiredService<ContainerRemoval>());
        services.AddSingleton<IContainerEngine, DockerContainerEngine>();
        services.AddSingleton<DeadContainers>();
        return services;
    }
}
