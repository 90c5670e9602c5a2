using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Settings;

/// <summary>Registers the room.</summary>
public static class SettingsServices
{
    /// <summary>Adds reading and changing.</summary>
    public static IServiceCollection AddSettings(this IServiceCollection services) => services
        .AddSingleton<SettingsReader>()
        .AddSingleton<ChangeSettings>();
}
