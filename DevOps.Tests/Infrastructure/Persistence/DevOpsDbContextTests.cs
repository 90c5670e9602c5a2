using DevOps.Core.Audit;
using DevOps.Core.Projects;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Infrastructure.Persistence;

public sealed class DevOpsDbContextTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Context_that_is_given_out_again_knows_nothing_of_what_was_done_with_it_before()
    {
        await using var services = new ServiceCollection().AddDevOpsInfrastructure(postgres.DataSource).BuildServiceProvider();
        var contexts = services.GetRequiredService<IDbContextFactory<DevOpsDbContext>>();
        DevOpsDbContext before;
        await using (before = await contexts.CreateDbContextAsync())
        {
            before.Add(new Project { Key = "before", Name = "Of somebody else", Repository = new RepositorySpec { Url = "https://git.example/before.git" }, Build = new BuildSpec(), Deploy = new DeploySpec { Path = "/srv/before" } });
            await before.SaveChangesAsync();
            before.ChangeTracker.AutoDetectChangesEnabled = false;
            before.Database.AutoSavepointsEnabled = true;
        }

        await using var again = await contexts.CreateDbContextAsync();
        Assert.Same(before, again);
        Assert.Empty(again.ChangeTracker.Entries());
        Assert.True(again.ChangeTracker.AutoDetectChangesEnabled);
        Assert.False(again.Database.AutoSavepointsEnabled);
        var line = new AuditEntry { At = DateTimeOffset.UtcNow, Actor = "lin", Action = "server.check", Subject = "server/web-1", Summary = "" };
        again.Add(line);
        await again.SaveChangesAsync();

        Assert.Null(line.Changes);
    }
}
