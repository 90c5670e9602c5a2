using DevOps.Core.Deployments;
using DevOps.Core.Deployments.Steps;
using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Events;
using DevOps.Infrastructure.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Registers the room.</summary>
public static class DeploymentsServices
{
    /// <summary>Adds what the room offers.</summary>
    public static IServiceCollection AddDeployments(this IServiceCollection services)
    {
        services.AddSingleton<AddDeployment>();
        services.AddSingleton<CommitPin>();
        services.AddSingleton<RequestDeployment>();
        services.AddSingleton<ApprovalDesk>();
        services.AddSingleton<ApproveDeployment>();
        services.AddSingleton<RejectDeployment>();
        services.AddSingleton<ContinueDeployment>();
        services.AddSingleton<IJobHandler, ApprovalExpiryJob>();
        services.AddSingleton<CancelDeployment>();
        services.AddSingleton<RetryDeployment>();
        services.AddSingleton<RollBackDeployment>();
        services.AddSingleton<WaitingWords>();
        services.AddSingleton<DeploymentQueries>();
        services.AddSingleton<ApprovalQueries>();
        services.AddSingleton<CancelRequests>();
        services.AddSingleton<FencedWrites>();
        services.AddSingleton<DeploymentEnding>();
        services.AddSingleton<DeploymentPlanReader>();
        services.AddSingleton<IJobHandler, DeploymentJobHandler>();
        services.AddSingleton<CommitConfig>();
        services.AddSingleton<ReleaseMaker>();
        services.AddSingleton<ServerRollout>();
        services.AddSingleton<FirstServers>();
        services.AddSingleton<HealthCheck>();
        services.AddSingleton<TakeBack>();
        services.AddSingleton<CleanUp>();
        services.AddSingleton<DeploymentRunner>();
        services.AddHostedService<ChangeRelay>();
        services.TryAddSingleton<IHealthProbe, HttpHealthProbe>();
        return services;
    }
}
