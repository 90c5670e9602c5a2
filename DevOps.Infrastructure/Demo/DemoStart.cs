using System.Globalization;
using DevOps.Core.Deployments;
using DevOps.Core.Events;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Docker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Demo;

/// <summary>After the start with <c>--demo</c>: adds the demo, deploys it once, and prints where to look.</summary>
public sealed class DemoStart(
    DemoOptions demo,
    DemoProject project,
    DockerConnection engine,
    ChangeFeed feed,
    IHostApplicationLifetime host,
    IConfiguration configuration,
    PlatformOptions platform,
    ILogger<DemoStart> logger) : BackgroundService
{
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (demo.Folder.Length == 0)
        {
            return;
        }

        try
        {
            await StartedAsync(stoppingToken);
            await project.EnsureAsync(demo, stoppingToken);
            await DemoImage.EnsureAsync(engine, demo, stoppingToken);
            var id = await project.DeployOnceAsync(stoppingToken);
            await PrintAsync(await EndAsync(id, stoppingToken));
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Whatever it is, the platform goes on without its demo.
            logger.LogError("The demo could not be set up: {Why}", e.Message);
        }
    }

    private async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = host.ApplicationStarted.Register(() => started.TrySetResult());
        await started.Task.WaitAsync(cancellationToken);
    }

    private async Task<DeploymentDetail> EndAsync(long id, CancellationToken cancellationToken)
    {
        using var changed = new SemaphoreSlim(1);
        using var subscription = feed.Subscribe(change =>
        {
            if (change.Kind == ChangeKind.Deployment && change.Id == id && changed.CurrentCount == 0)
            {
                changed.Release();
            }
        });
        while (true)
        {
            var deployment = await project.ReadAsync(id, cancellationToken);
            if (deployment.Status.IsFinal())
            {
                return deployment;
            }

            // The feed is a courtesy: a worker in another process does not speak here.
            await changed.WaitAsync(Glance, cancellationToken);
        }
    }

    private async Task PrintAsync(DeploymentDetail deployment)
    {
        var address = $"http://{configuration["DEVOPS_BIND"] ?? "127.0.0.1"}:{configuration["DEVOPS_PORT"] ?? "8080"}";
        var signIn = platform.AdminUser.Length > 0 ? $"as {platform.AdminUser}, with the password from DEVOPS_ADMIN_PASSWORD" : "with the one-time link above, or the account you made with it";
        var id = deployment.Id.ToString(CultureInfo.InvariantCulture);
        var outcome = deployment.Status == DeploymentStatus.Succeeded ? "The demo is deployed." : $"The demo's deployment ended as {deployment.Status}: {deployment.Error}";
        await Console.Out.WriteLineAsync($"""

            {outcome}

              Platform     {address}
              Deployment   {address}/deployments/{id}
              Its page     http://127.0.0.1:{demo.PagePort.ToString(CultureInfo.InvariantCulture)}/
              Sign in      {signIn}

            """);
    }
}
