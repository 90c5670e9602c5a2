using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Search;

/// <summary>Registers the room.</summary>
public static class SearchServices
{
    /// <summary>Adds finding things by name.</summary>
    public static IServiceCollection AddSearch(this IServiceCollection services) => services.AddSingleton<SearchQueries>();
}
