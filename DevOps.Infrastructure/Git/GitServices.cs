using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Git;

/// <summary>Registers the room.</summary>
public static class GitServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddGit(this IServiceCollection services) => services;
}
