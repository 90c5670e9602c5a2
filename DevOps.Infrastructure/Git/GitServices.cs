using DevOps.Core.Pipeline.Ports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Git;

/// <summary>Registers the room.</summary>
public static class GitServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddGit(this IServiceCollection services) => services
        .AddSingleton(provider => provider.GetService<IConfiguration>()?.GetSection($"{PlatformOptions.Section}:Git").Get<GitOptions>() ?? new GitOptions())
        .AddSingleton<ISourceRepository, GitSourceRepository>();
}
