using DevOps.Core.Deployments;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Infrastructure.Projects;

/// <summary>Registers the room.</summary>
public static class ProjectsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddProjects(this IServiceCollection services) => services
        .AddSingleton<ProjectQueries>()
        .AddSingleton<CreateProject>()
        .AddSingleton<ChangeProject>()
        .AddSingleton<DeleteProject>()
        .AddSingleton<CheckRepository>()
        .AddSingleton<IDeployFiles, DeployFiles>()
        .AddSingleton<RepositoryAccessReader>();
}
