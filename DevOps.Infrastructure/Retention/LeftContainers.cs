using DevOps.Infrastructure.Docker;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

internal sealed class LeftContainers(DeadContainers dead, IDbContextFactory<DevOpsDbContext> contexts) : IHousekeeping
{
    public string Subject => "containers of deployments that are over";

    public Task<int> RunAsync(CancellationToken cancellationToken) =>
        dead.RemoveAsync((ids, token) => OpenDeploymentIds.FindAsync(contexts, ids, token), cancellationToken);
}
