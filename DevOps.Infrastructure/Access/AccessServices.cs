using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Access;

/// <summary>Registers the room.</summary>
public static class AccessServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddAccess(this IServiceCollection services) => services;
}
