using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Environments;

/// <summary>Registers the room.</summary>
public static class EnvironmentsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddEnvironments(this IServiceCollection services) => services
        .AddSingleton<EnvironmentQueries>()
        .AddSingleton<EnvironmentStateQueries>()
        .AddSingleton<CreateOrChangeEnvironment>()
        .AddSingleton<LockEnvironment>()
        .AddSingleton<DeleteEnvironment>();
}
