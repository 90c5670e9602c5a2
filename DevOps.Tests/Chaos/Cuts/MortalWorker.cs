using DevOps.Core.Pipeline.Ports;
using DevOps.Tests.Fixtures;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DevOps.Tests.Chaos.Cuts;

/// <summary>The worker of a platform, on its database, data folder and world. It can be cut off from all of them at any point, as if its process had died there.</summary>
internal sealed class MortalWorker : WebApplicationFactory<Program>
{
    private readonly DeploymentFixture _platform;
    private readonly List<BackgroundService> _services;

    public MortalWorker(DeploymentFixture platform)
    {
        _platform = platform;
        Line = new CutLine(platform.Postgres.ConnectionString, Life);
        UseKestrel(0);
        StartServer();
        _services = [.. Services.GetServices<IHostedService>().OfType<BackgroundService>()];
    }

    public Life Life { get; } = new();

    public CutLine Line { get; }

    /// <summary>Its services that ended with an exception: in a platform that only lost its database, each of them would have ended the process.</summary>
    public IEnumerable<string> BrokenServices => _services.Where(s => s.ExecuteTask is { IsFaulted: true }).Select(s => $"{s.GetType().Name}: {s.ExecuteTask!.Exception!.Message}");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Line.DisposeAsync();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseSetting("ConnectionStrings:Default", Line.ConnectionString);
        builder.UseSetting("DEVOPS_DATA", _platform.DataFolder);
        builder.UseSetting("DEVOPS_ROLES", "worker");
        builder.UseSetting("DevOps:Servers:CheckEvery", "1.00:00:00");

        // Who is dead does not wait for the end of what it did.
        builder.UseSetting("DevOps:Queue:Grace", "00:00:00");
        builder.UseSetting("DevOps:Queue:LastWait", "00:00:00");
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<IContainerEngine>(new MortalEngine(_platform.Engine, Life));
            services.AddSingleton<ISourceRepository>(new MortalSource(_platform.Source, Life));
            services.AddSingleton<IRemoteHosts>(new MortalHosts(_platform.Hosts, Life));
            services.AddSingleton<IHealthProbe>(new MortalProbe(_platform.Health, Life));
        });
    }
}
