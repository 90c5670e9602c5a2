using DevOps.Infrastructure.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace DevOps.Blazor.Hosting;

/// <summary>Keeps addresses that people give from leading back to the platform itself.</summary>
public static class OutgoingSetup
{
    /// <summary>Protects the ports of this process once they are known.</summary>
    public static void ProtectOwnPorts(this WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var guard = app.Services.GetRequiredService<OutgoingGuard>();
        foreach (var address in app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            var parts = BindingAddress.Parse(address);
            guard.Protect("127.0.0.1", parts.Port);
        }
    });
}
