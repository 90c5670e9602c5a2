using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace DevOps.Blazor.Hosting;

/// <summary>What stands in front of the platform: proxies that may speak for a client, and TLS.</summary>
public static class ForwardingSetup
{
    private const string Section = "Proxy";

    /// <summary>Accepts forwarded headers from the addresses and networks in <c>Proxy:Trusted</c>, and from nobody else.</summary>
    /// <exception cref="InvalidOperationException">An entry is neither an address nor a network.</exception>
    public static IServiceCollection AddDevOpsForwarding(this IServiceCollection services, IConfiguration configuration)
    {
        var trusted = configuration.GetSection(Section).GetSection("Trusted").Get<string[]>() ?? [];
        return services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var entry in trusted)
            {
                Trust(options, entry);
            }
        }).AddHsts(options => options.MaxAge = TimeSpan.FromDays(365));
    }

    /// <summary>Reads forwarded headers where a proxy is trusted; asks for HTTPS where <c>Proxy:Tls</c> says that TLS is in front.</summary>
    public static void UseDevOpsForwarding(this WebApplication app)
    {
        var section = app.Configuration.GetSection(Section);
        if (section.GetSection("Trusted").Get<string[]>() is { Length: > 0 })
        {
            app.UseForwardedHeaders();
        }

        if (section.GetValue<bool>("Tls") && !app.Environment.IsDevelopment())
        {
            app.UseHsts();
            app.UseHttpsRedirection();
        }
    }

    private static void Trust(ForwardedHeadersOptions options, string entry)
    {
        if (IPAddress.TryParse(entry, out var address))
        {
            options.KnownProxies.Add(address);
        }
        else if (System.Net.IPNetwork.TryParse(entry, out var network))
        {
            options.KnownIPNetworks.Add(network);
        }
        else
        {
            throw new InvalidOperationException($"Proxy:Trusted has '{entry}', which is neither an address nor a network such as 10.0.0.0/8.");
        }
    }
}
