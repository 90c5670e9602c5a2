using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Registers the room.</summary>
public static class SshServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddSsh(this IServiceCollection services) => services;
}
