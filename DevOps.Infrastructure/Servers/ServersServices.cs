using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Servers;

/// <summary>Registers the room.</summary>
public static class ServersServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddServers(this IServiceCollection services) => services
        .AddSingleton<HostKeys>()
        .AddSingleton<ServerQueries>()
        .AddSingleton<AddServer>()
        .AddSingleton<ChangeServer>()
        .AddSingleton<DeleteServer>()
        .AddSingleton<ScanHostKey>()
        .AddSingleton<PinHostKey>()
        .AddSingleton<CheckServer>()
        .AddSingleton<ServerAccessReader>();
}
