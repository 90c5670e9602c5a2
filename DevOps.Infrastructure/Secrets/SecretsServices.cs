using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Secrets;

/// <summary>Registers the room.</summary>
public static class SecretsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddSecrets(this IServiceCollection services) => services
        .AddSingleton(provider => KeyRing.Load(provider.GetRequiredService<PlatformOptions>()))
        .AddSingleton<SecretVault>()
        .AddSingleton<SecretWriter>()
        .AddSingleton<SecretReader>();
}
