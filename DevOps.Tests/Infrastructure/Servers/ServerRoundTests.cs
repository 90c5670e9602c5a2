using DevOps.Core.Access;
using DevOps.Infrastructure.Applications;
using DevOps.Infrastructure.Servers;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Servers;

public sealed class ServerRoundTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    [Fact]
    public async Task Round_checks_servers_and_sees_what_is_current_there_and_leaves_the_rest_in_peace()
    {
        var project = await platform.ProjectAsync();
        var deployed = await platform.DeployAsync(project);
        var server = project.Servers[0];
        platform.Hosts[server].Current = 4711;
        var round = ActivatorUtilities.CreateInstance<ServerRound>(platform.Services);

        Assert.True(await round.LookAsync(CancellationToken.None) >= 1);

        var view = await platform.Services.GetRequiredService<ApplicationQueries>().FindAsync(Actor.Platform, new ApplicationName(project.Key, "dev", server), CancellationToken.None);
        await using var db = await platform.Contexts.CreateDbContextAsync();
        var row = await db.Servers.SingleAsync(s => s.Name == server);
        Assert.NotNull(row.LastCheckAt);
        Assert.Equal(deployed.Release, view!.Row.Release);
        Assert.Equal(row.LastCheck!.Reachable, view.Row.HasDrifted);
        Assert.Equal(0, await round.LookAsync(CancellationToken.None));
    }
}
