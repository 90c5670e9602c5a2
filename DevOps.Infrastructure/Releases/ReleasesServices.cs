using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Releases;

/// <summary>Registers the room.</summary>
public static class ReleasesServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddReleases(this IServiceCollection services) => services
        .AddSingleton<ReleaseQueries>();
}
