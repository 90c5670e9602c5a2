using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Demo;

/// <summary>Registers the room.</summary>
public static class DemoServices
{
    /// <summary>Adds the demo, when <c>start.sh --demo</c> has prepared one.</summary>
    public static IServiceCollection AddDemo(this IServiceCollection services, IConfiguration configuration)
    {
        var demo = configuration.GetSection($"{PlatformOptions.Section}:Demo").Get<DemoOptions>();
        return demo is not { Folder.Length: > 0 } ? services : services
            .AddSingleton(demo)
            .AddSingleton<DemoProject>()
            .AddHostedService<DemoStart>();
    }
}
