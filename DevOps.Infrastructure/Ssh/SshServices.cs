using DevOps.Core.Pipeline.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Registers the room.</summary>
public static class SshServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddSsh(this IServiceCollection services)
    {
        services.AddSingleton(new SshOptions());
        services.AddSingleton<SshConnections>();
        services.AddSingleton<IRemoteHosts>(provider => provider.GetRequiredService<SshConnections>());
        services.AddSingleton<ServerProbe>();
        return services;
    }
}
