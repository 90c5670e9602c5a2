using DevOps.Infrastructure.Docker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace DevOps.Infrastructure.Net;

/// <summary>Registers the room.</summary>
public static class NetServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddNet(this IServiceCollection services)
    {
        services.AddOptions<OutgoingOptions>().BindConfiguration(OutgoingOptions.Section)
            .Validate(o => o.Forbidden.All(n => System.Net.IPNetwork.TryParse(n, out _)), "Outgoing:Forbidden must be networks such as 10.1.0.0/16.")
            .ValidateOnStart();
        return services.AddSingleton(provider =>
        {
            var guard = new OutgoingGuard(provider.GetRequiredService<IOptions<OutgoingOptions>>());
            var database = new NpgsqlConnectionStringBuilder(provider.GetRequiredService<NpgsqlDataSource>().ConnectionString);
            foreach (var host in (database.Host ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                // One on a socket file listens on the machine itself as well.
                guard.Protect(host.StartsWith('/') ? "127.0.0.1" : host.Split(':')[0], database.Port);
            }

            if (Uri.TryCreate(provider.GetRequiredService<DockerOptions>().Host, UriKind.Absolute, out var engine) && engine.Port > 0 && engine.Host.Length > 0)
            {
                guard.Protect(engine.Host, engine.Port);
            }

            return guard;
        });
    }
}
