using DevOps.Core.Pipeline.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Artifacts;

/// <summary>Registers the room.</summary>
public static class ArtifactsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddArtifacts(this IServiceCollection services) => services.AddSingleton<IArtifactStore, FileArtifactStore>();
}
