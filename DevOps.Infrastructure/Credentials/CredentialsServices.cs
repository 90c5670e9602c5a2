using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Credentials;

/// <summary>Registers the room.</summary>
public static class CredentialsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddCredentials(this IServiceCollection services) => services
        .AddSingleton<SshKeygen>()
        .AddSingleton<CredentialQueries>()
        .AddSingleton<AddCredential>()
        .AddSingleton<DeleteCredential>();
}
