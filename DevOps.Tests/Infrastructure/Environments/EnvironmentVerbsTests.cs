using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Secrets;
using DevOps.Infrastructure.Servers;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Environments;

public sealed class EnvironmentVerbsTests : IAsyncLifetime
{
    private readonly PostgresFixture _database = new();
    private Rooms _rooms = null!;

    private CreateOrChangeEnvironment Put => _rooms.Get<CreateOrChangeEnvironment>();

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        _rooms = new Rooms(_database);
    }

    public async Task DisposeAsync()
    {
        await _rooms.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Put_stores_secrets_encrypted_and_keeps_those_left_out()
    {
        await _rooms.CreateProjectAsync();
        var draft = new EnvironmentDraft { Name = "production", Secrets = new Dictionary<string, string?> { ["A"] = "sesame-one", ["B"] = "sesame-two" } };

        var created = await Put.RunAsync(Rooms.Admin, "shop", draft, null, CancellationToken.None);
        var changed = await Put.RunAsync(Rooms.Admin, "shop", new EnvironmentDraft { Name = "production", Secrets = new Dictionary<string, string?> { ["B"] = null } }, null, CancellationToken.None);

        Assert.Equal((true, false), (created.Created, changed.Created));
        Assert.Equal((1, 2), (created.Environment.Revision, changed.Environment.Revision));
        var secrets = await _rooms.Get<SecretReader>().ReadAsync(SecretScope.Environment, changed.Environment.Id, CancellationToken.None);
        Assert.Equal("sesame-one", Assert.Single(secrets).Value.Reveal());
        Assert.DoesNotContain("sesame", await _rooms.DumpAsync("secrets") + await _rooms.DumpAsync("environments") + await _rooms.DumpAsync("audit_entries"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_of_one_environment_do_not_open_for_another()
    {
        await _rooms.CreateProjectAsync();
        var draft = new EnvironmentDraft { Name = "production", Secrets = new Dictionary<string, string?> { ["A"] = "sesame" } };
        var production = await Put.RunAsync(Rooms.Admin, "shop", draft, null, CancellationToken.None);
        var staging = await _rooms.PutEnvironmentAsync(name: "staging");
        await using (var db = await _rooms.Contexts.CreateDbContextAsync())
        {
            db.Secrets.Single(s => s.OwnerId == production.Environment.Id).OwnerId = staging.Id;
            await db.SaveChangesAsync();
        }

        await Assert.ThrowsAsync<SecretUnreadable>(() => _rooms.Get<SecretReader>().ReadAsync(SecretScope.Environment, staging.Id, CancellationToken.None));
    }

    [Fact]
    public async Task Put_lets_one_of_many_win_who_read_the_same_revision()
    {
        await _rooms.CreateProjectAsync();
        await _rooms.PutEnvironmentAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 6).Select(async i =>
        {
            try
            {
                await Put.RunAsync(Rooms.Admin, "shop", new EnvironmentDraft { Name = "production", Position = i }, 1, CancellationToken.None);
                return true;
            }
            catch (Stale)
            {
                return false;
            }
        }));

        Assert.Single(outcomes, won => won);
    }

    [Fact]
    public async Task Put_with_a_revision_of_something_that_is_not_there_is_stale()
    {
        await _rooms.CreateProjectAsync();
        await Assert.ThrowsAsync<Stale>(() => Put.RunAsync(Rooms.Admin, "shop", new EnvironmentDraft { Name = "production" }, 1, CancellationToken.None));
    }

    [Fact]
    public async Task Folder_that_another_environment_has_on_the_server_is_refused_by_name()
    {
        await _rooms.AddServerAsync();
        await _rooms.CreateProjectAsync("shop", "/srv/app");
        await _rooms.CreateProjectAsync("blog", "/srv/app");
        await _rooms.PutEnvironmentAsync("shop", "production", "app-1");

        var refusal = await Assert.ThrowsAsync<Conflict>(() => _rooms.PutEnvironmentAsync("blog", "staging", "app-1"));

        Assert.Equal("deployPath", refusal.Reason);
        Assert.Contains("shop/production", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await _rooms.Get<EnvironmentQueries>().ListAsync(Rooms.Admin, "blog", CancellationToken.None));
        await _rooms.AddServerAsync("app-2");
        await _rooms.PutEnvironmentAsync("blog", "staging", "app-2");
    }

    [Fact]
    public async Task Folder_conflict_is_seen_from_the_project_and_from_the_server_too()
    {
        await _rooms.AddServerAsync("app-1", null, "web");
        await _rooms.CreateProjectAsync("shop", "/srv/app");
        await _rooms.CreateProjectAsync("blog", "/srv/blog");
        await _rooms.PutEnvironmentAsync("shop", "production", "app-1");
        await _rooms.PutEnvironmentAsync("blog", "production", "app-1");

        Assert.Equal("deployPath", (await Assert.ThrowsAsync<Conflict>(() => _rooms.Get<ChangeProject>().RunAsync(Rooms.Admin, Rooms.Draft("blog", "/srv/app"), null, CancellationToken.None))).Reason);
        Assert.Equal("deployPath", (await Assert.ThrowsAsync<Conflict>(() => _rooms.Get<ChangeProject>().RunAsync(Rooms.Admin, Rooms.Draft("blog", "/srv/app/releases/x"), null, CancellationToken.None))).Reason);

        await _rooms.CreateProjectAsync("wiki", "/srv/app");
        await Put.RunAsync(Rooms.Admin, "wiki", new EnvironmentDraft { Name = "production", ServerTags = ["spare"] }, null, CancellationToken.None);
        var tagged = Rooms.ServerDraft() with { Tags = ["web", "spare"] };
        Assert.Equal("deployPath", (await Assert.ThrowsAsync<Conflict>(() => _rooms.Get<ChangeServer>().RunAsync(Rooms.Admin, tagged, null, CancellationToken.None))).Reason);
        Assert.Equal("/srv/blog", (await _rooms.Get<ProjectQueries>().GetAsync(Rooms.Admin, "blog", CancellationToken.None)).Project.Deploy.Path);
    }

    [Fact]
    public async Task Folder_is_given_to_one_of_two_who_ask_at_once()
    {
        await _rooms.AddServerAsync();
        var keys = Enumerable.Range(0, 5).Select(i => $"p{i}").ToList();
        foreach (var key in keys)
        {
            await _rooms.CreateProjectAsync(key, "/srv/app");
        }

        var outcomes = await Task.WhenAll(keys.Select(async key =>
        {
            try
            {
                await _rooms.PutEnvironmentAsync(key, "production", "app-1");
                return true;
            }
            catch (Conflict)
            {
                return false;
            }
        }));

        Assert.Single(outcomes, won => won);
    }

    [Fact]
    public async Task Folder_that_becomes_one_of_the_system_when_filled_in_is_refused()
    {
        await _rooms.AddServerAsync();
        await _rooms.CreateProjectAsync("etc", "/{project}");

        Assert.Contains("/etc", (await Assert.ThrowsAsync<Conflict>(() => _rooms.PutEnvironmentAsync("etc", "production", "app-1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Member_without_sight_of_servers_cannot_take_new_ones_but_keeps_those_there_are()
    {
        await _rooms.AddServerAsync("app-1");
        await _rooms.AddServerAsync("app-2");
        var shop = await _rooms.CreateProjectAsync();
        await _rooms.PutEnvironmentAsync("shop", "production", "app-1");
        var lin = Rooms.Member("lin", shop.Id, Role.Maintainer);

        await Put.RunAsync(lin, "shop", new EnvironmentDraft { Name = "production", Servers = ["app-1"], Position = 3 }, null, CancellationToken.None);
        await Assert.ThrowsAsync<Forbidden>(() => Put.RunAsync(lin, "shop", new EnvironmentDraft { Name = "production", Servers = ["app-1", "app-2"] }, null, CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => Put.RunAsync(lin, "shop", new EnvironmentDraft { Name = "other", ServerTags = ["web"] }, null, CancellationToken.None));
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Deployer)]
    public async Task Verbs_refuse_who_may_not_edit(Role role)
    {
        await _rooms.CreateProjectAsync();
        await _rooms.PutEnvironmentAsync();
        var actor = Rooms.Platform("lin", role);

        await Assert.ThrowsAsync<Forbidden>(() => Put.RunAsync(actor, "shop", new EnvironmentDraft { Name = "x" }, null, CancellationToken.None));
        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<DeleteEnvironment>().RunAsync(actor, "shop", "production", null, CancellationToken.None));
        Assert.Single(await _rooms.Get<EnvironmentQueries>().ListAsync(actor, "shop", CancellationToken.None));
    }

    [Fact]
    public async Task Delete_removes_secrets_and_refuses_while_a_deployment_runs()
    {
        var project = await _rooms.CreateProjectAsync();
        var environment = (await Put.RunAsync(Rooms.Admin, "shop", new EnvironmentDraft { Name = "production", Secrets = new Dictionary<string, string?> { ["A"] = "1" } }, null, CancellationToken.None)).Environment;
        var deployment = new Deployment { ProjectId = project.Id, EnvironmentId = environment.Id, RequestedBy = "lin", CreatedAt = DateTimeOffset.UtcNow };
        deployment.MoveTo(DeploymentStatus.Running, DateTimeOffset.UtcNow);
        await using (var db = await _rooms.Contexts.CreateDbContextAsync())
        {
            db.Deployments.Add(deployment);
            await db.SaveChangesAsync();
        }

        var delete = _rooms.Get<DeleteEnvironment>();
        Assert.Equal("running", (await Assert.ThrowsAsync<Conflict>(() => delete.RunAsync(Rooms.Admin, "shop", "production", null, CancellationToken.None))).Reason);
        await using (var db = await _rooms.Contexts.CreateDbContextAsync())
        {
            var row = db.Deployments.Single();
            row.MoveTo(DeploymentStatus.Failed, DateTimeOffset.UtcNow);
            await db.SaveChangesAsync();
        }

        await delete.RunAsync(Rooms.Admin, "shop", "production", null, CancellationToken.None);
        Assert.Equal("", await _rooms.DumpAsync("environments") + await _rooms.DumpAsync("secrets") + await _rooms.DumpAsync("deployments"));
        Assert.Contains(await _rooms.AuditAsync(), l => l.StartsWith("admin environment.delete environment/shop/production", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Query_names_servers_in_the_order_of_a_deployment()
    {
        await _rooms.CreateProjectAsync();
        await _rooms.AddServerAsync("app-3", null, "web");
        await _rooms.AddServerAsync("app-1", null, "web");
        await _rooms.AddServerAsync("app-2");
        await Put.RunAsync(Rooms.Admin, "shop", new EnvironmentDraft { Name = "production", Servers = ["app-2"], ServerTags = ["web"] }, null, CancellationToken.None);

        var view = await _rooms.Get<EnvironmentQueries>().GetAsync(Rooms.Admin, "shop", "production", CancellationToken.None);

        Assert.Equal(["app-2", "app-1", "app-3"], view.AllServers);
        Assert.Equal(["shop/production"], (await _rooms.Get<ServerQueries>().GetAsync(Rooms.Admin, "app-3", CancellationToken.None)).UsedBy);
    }
}
