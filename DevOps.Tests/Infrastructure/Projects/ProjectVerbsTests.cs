using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Deployments;
using DevOps.Core.Pipeline;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Secrets;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Infrastructure.Projects;

public sealed class ProjectVerbsTests : IAsyncLifetime
{
    private readonly PostgresFixture _database = new();
    private Rooms _rooms = null!;

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
    public async Task Create_stores_what_was_asked_for_and_tells_the_audit_log()
    {
        var created = await _rooms.CreateProjectAsync();

        var view = await _rooms.Get<ProjectQueries>().GetAsync(Rooms.Admin, "shop", CancellationToken.None);
        Assert.Equal(created.Id, view.Project.Id);
        Assert.Equal("node:22", view.Project.Build.Image);
        Assert.Equal("/srv/{project}/{environment}", view.Project.Deploy.Path);
        Assert.Equal(1, view.Project.Revision);
        Assert.Contains(await _rooms.AuditAsync(), l => l.StartsWith("admin project.create project/shop:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Create_refuses_a_key_that_is_taken()
    {
        await _rooms.CreateProjectAsync();

        Assert.Equal("exists", (await Assert.ThrowsAsync<Conflict>(() => _rooms.CreateProjectAsync())).Reason);
    }

    [Fact]
    public async Task Create_refuses_a_credential_that_is_not_there()
    {
        var draft = Rooms.Draft() with { Repository = new RepositorySpec { Url = "https://git.example/a.git", Credential = "nobody" } };

        var refusal = await Assert.ThrowsAsync<InvalidInput>(() => _rooms.Get<CreateProject>().RunAsync(Rooms.Admin, draft, CancellationToken.None));

        Assert.Equal(["repository.credential"], refusal.Errors.Keys);
    }

    [Theory]
    [InlineData(Role.None)]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Deployer)]
    public async Task Verbs_refuse_who_may_not_edit(Role role)
    {
        await _rooms.CreateProjectAsync();
        var actor = Rooms.Platform("lin", role);

        await Assert.ThrowsAsync<Forbidden>(() => _rooms.Get<CreateProject>().RunAsync(actor, Rooms.Draft("other"), CancellationToken.None));
        await Assert.ThrowsAnyAsync<Refusal>(() => _rooms.Get<ChangeProject>().RunAsync(actor, Rooms.Draft(), null, CancellationToken.None));
        await Assert.ThrowsAnyAsync<Refusal>(() => _rooms.Get<DeleteProject>().RunAsync(actor, "shop", null, CancellationToken.None));
    }

    [Fact]
    public async Task Member_sees_and_edits_the_own_project_only()
    {
        var shop = await _rooms.CreateProjectAsync();
        await _rooms.CreateProjectAsync("blog");
        var lin = Rooms.Member("lin", shop.Id, Role.Maintainer);
        var queries = _rooms.Get<ProjectQueries>();

        var list = await queries.ListAsync(lin, PageRequest.Of(null, null), null, CancellationToken.None);

        Assert.Equal("shop", Assert.Single(list.Items).Project.Key);
        Assert.Equal(1, list.Total);
        await Assert.ThrowsAsync<NotFound>(() => queries.GetAsync(lin, "blog", CancellationToken.None));
        await Assert.ThrowsAsync<NotFound>(() => _rooms.Get<ChangeProject>().RunAsync(lin, Rooms.Draft("blog"), null, CancellationToken.None));
        await Assert.ThrowsAsync<NotFound>(() => _rooms.Get<DeleteProject>().RunAsync(lin, "blog", null, CancellationToken.None));
        await Assert.ThrowsAsync<NotFound>(() => _rooms.Get<CheckRepository>().RunAsync(lin, "blog", CancellationToken.None));
        Assert.Equal(2, (await _rooms.Get<ChangeProject>().RunAsync(lin, Rooms.Draft(), null, CancellationToken.None)).Revision);
    }

    [Fact]
    public async Task Member_cannot_send_the_platforms_credentials_elsewhere()
    {
        await _rooms.AddPasswordAsync("git-token", CredentialKind.Token);
        var draft = Rooms.Draft() with { Repository = new RepositorySpec { Url = "https://git.example/team/shop.git", Credential = "git-token" } };
        var shop = await _rooms.Get<CreateProject>().RunAsync(Rooms.Admin, draft, CancellationToken.None);
        var lin = Rooms.Member("lin", shop.Id, Role.Maintainer);
        var change = _rooms.Get<ChangeProject>();

        await change.RunAsync(lin, draft with { Repository = draft.Repository with { Branch = "next" } }, null, CancellationToken.None);
        await Assert.ThrowsAsync<Forbidden>(() => change.RunAsync(lin, draft with { Repository = draft.Repository with { Url = "https://evil.example/x.git" } }, null, CancellationToken.None));
    }

    [Fact]
    public async Task Secrets_are_stored_encrypted_and_only_their_names_come_back()
    {
        var draft = Rooms.Draft() with { BuildSecrets = new Dictionary<string, string?> { ["NPM_TOKEN"] = "sesame-open-now" } };
        var project = await _rooms.Get<CreateProject>().RunAsync(Rooms.Admin, draft, CancellationToken.None);

        var view = await _rooms.Get<ProjectQueries>().GetAsync(Rooms.Admin, "shop", CancellationToken.None);
        Assert.Equal(["NPM_TOKEN"], view.BuildSecretNames);
        var opened = await _rooms.Get<SecretReader>().ReadAsync(SecretScope.Build, project.Id, CancellationToken.None);
        Assert.Equal("sesame-open-now", opened["NPM_TOKEN"].Reveal());
        foreach (var table in new[] { "projects", "secrets", "audit_entries" })
        {
            var dump = await _rooms.DumpAsync(table);
            Assert.NotEmpty(dump);
            Assert.DoesNotContain("sesame", dump, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexStringLower("sesame"u8), dump, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Change_keeps_secrets_left_out_and_deletes_those_that_are_null()
    {
        var draft = Rooms.Draft() with { BuildSecrets = new Dictionary<string, string?> { ["A"] = "1", ["B"] = "2", ["C"] = "3" } };
        var project = await _rooms.Get<CreateProject>().RunAsync(Rooms.Admin, draft, CancellationToken.None);

        var change = Rooms.Draft() with { BuildSecrets = new Dictionary<string, string?> { ["A"] = "new", ["B"] = null, ["UNKNOWN"] = null } };
        await _rooms.Get<ChangeProject>().RunAsync(Rooms.Admin, change, null, CancellationToken.None);

        var opened = await _rooms.Get<SecretReader>().ReadAsync(SecretScope.Build, project.Id, CancellationToken.None);
        Assert.Equal(["A=new", "C=3"], opened.OrderBy(s => s.Key).Select(s => $"{s.Key}={s.Value.Reveal()}"));
        var told = Assert.Single(await _rooms.AuditAsync(), l => l.Contains("project.change", StringComparison.Ordinal));
        Assert.Contains("Secrets set: A.", told, StringComparison.Ordinal);
        Assert.Contains("Secrets removed: B, UNKNOWN.", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_refuses_a_variable_with_the_name_of_a_stored_secret()
    {
        await _rooms.Get<CreateProject>().RunAsync(Rooms.Admin, Rooms.Draft() with { BuildSecrets = new Dictionary<string, string?> { ["TOKEN"] = "1" } }, CancellationToken.None);
        var draft = Rooms.Draft();
        draft = draft with { Build = draft.Build with { Variables = new Dictionary<string, string> { ["TOKEN"] = "plain" } } };

        var refusal = await Assert.ThrowsAsync<InvalidInput>(() => _rooms.Get<ChangeProject>().RunAsync(Rooms.Admin, draft, null, CancellationToken.None));

        Assert.Equal(["build.variables.TOKEN"], refusal.Errors.Keys);
    }

    [Fact]
    public async Task Change_lets_one_of_many_win_who_read_the_same_revision()
    {
        await _rooms.CreateProjectAsync();
        var change = _rooms.Get<ChangeProject>();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            try
            {
                await change.RunAsync(Rooms.Admin, Rooms.Draft() with { Description = $"by {i}" }, 1, CancellationToken.None);
                return true;
            }
            catch (Stale)
            {
                return false;
            }
        }));

        Assert.Single(outcomes, won => won);
        Assert.Equal(2, (await _rooms.Get<ProjectQueries>().GetAsync(Rooms.Admin, "shop", CancellationToken.None)).Project.Revision);
    }

    [Fact]
    public async Task Change_without_a_revision_lets_all_through_one_after_the_other()
    {
        await _rooms.CreateProjectAsync();
        var change = _rooms.Get<ChangeProject>();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => change.RunAsync(Rooms.Admin, Rooms.Draft() with { Description = $"by {i}" }, null, CancellationToken.None)));

        Assert.Equal(7, (await _rooms.Get<ProjectQueries>().GetAsync(Rooms.Admin, "shop", CancellationToken.None)).Project.Revision);
    }

    [Fact]
    public async Task Delete_removes_rows_secrets_and_stored_releases()
    {
        var draft = Rooms.Draft() with { BuildSecrets = new Dictionary<string, string?> { ["A"] = "1" } };
        var project = await _rooms.Get<CreateProject>().RunAsync(Rooms.Admin, draft, CancellationToken.None);
        await _rooms.PutEnvironmentAsync();
        await AddReleaseAsync(project.Id, 1);
        await AddReleaseAsync(project.Id, 2);

        await _rooms.Get<DeleteProject>().RunAsync(Rooms.Admin, "shop", null, CancellationToken.None);

        Assert.Equal([(project.Id, 1), (project.Id, 2)], _rooms.Artifacts.Deleted.OrderBy(d => d.Number));
        foreach (var table in new[] { "projects", "environments", "secrets", "releases" })
        {
            Assert.Empty(await _rooms.DumpAsync(table));
        }
    }

    [Fact]
    public async Task Delete_refuses_while_a_deployment_runs_and_leaves_everything()
    {
        var project = await _rooms.CreateProjectAsync();
        var environment = await _rooms.PutEnvironmentAsync();
        await using (var db = await _rooms.Contexts.CreateDbContextAsync())
        {
            var deployment = new Deployment { ProjectId = project.Id, EnvironmentId = environment.Id, RequestedBy = "lin", CreatedAt = DateTimeOffset.UtcNow };
            deployment.MoveTo(DeploymentStatus.Running, DateTimeOffset.UtcNow);
            db.Deployments.Add(deployment);
            await db.SaveChangesAsync();
        }

        Assert.Equal("running", (await Assert.ThrowsAsync<Conflict>(() => _rooms.Get<DeleteProject>().RunAsync(Rooms.Admin, "shop", null, CancellationToken.None))).Reason);
        Assert.NotEmpty(await _rooms.DumpAsync("projects"));
        Assert.Empty(_rooms.Artifacts.Deleted);
    }

    [Fact]
    public async Task Delete_refuses_a_stale_revision()
    {
        await _rooms.CreateProjectAsync();
        await Assert.ThrowsAsync<Stale>(() => _rooms.Get<DeleteProject>().RunAsync(Rooms.Admin, "shop", 7, CancellationToken.None));
    }

    [Fact]
    public async Task Check_answers_branches_or_says_why_not()
    {
        await _rooms.CreateProjectAsync();
        var commit = _rooms.Source.Commit("main", new Dictionary<string, string>());
        var check = _rooms.Get<CheckRepository>();

        Assert.Equal(("main", commit.Sha), (await check.RunAsync(Rooms.Platform("lin", Role.Deployer), "shop", CancellationToken.None)).Select(b => (b.Name, b.Sha)).Single());
        _rooms.Source.Failure = new StepFailure("The repository asks for a password. Choose a credential.");
        var refusal = await Assert.ThrowsAsync<Conflict>(() => check.RunAsync(Rooms.Admin, "shop", CancellationToken.None));
        Assert.Equal("The repository asks for a password. Choose a credential.", refusal.Message);
    }

    [Fact]
    public async Task List_shows_the_newest_deployment_of_each_environment_and_finds_by_name()
    {
        var project = await _rooms.CreateProjectAsync();
        await _rooms.CreateProjectAsync("blog");
        var environment = await _rooms.PutEnvironmentAsync();
        await using (var db = await _rooms.Contexts.CreateDbContextAsync())
        {
            db.Deployments.AddRange(Enumerable.Range(0, 3).Select(i => new Deployment { ProjectId = project.Id, EnvironmentId = environment.Id, RequestedBy = $"lin{i}", CreatedAt = DateTimeOffset.UtcNow }));
            await db.SaveChangesAsync();
        }

        var queries = _rooms.Get<ProjectQueries>();
        var list = await queries.ListAsync(Rooms.Admin, PageRequest.Of(1, 1), "SHO", CancellationToken.None);

        var view = Assert.Single(list.Items);
        Assert.Equal("shop", view.Project.Key);
        Assert.Equal("lin2", Assert.Single(view.Environments).LastDeployment!.RequestedBy);
        Assert.Empty((await queries.ListAsync(Rooms.Admin, PageRequest.Of(1, 50), "_", CancellationToken.None)).Items);
        Assert.Equal(["blog", "shop"], (await queries.ListAsync(Rooms.Admin, PageRequest.Of(null, null), null, CancellationToken.None)).Items.Select(p => p.Project.Key));
    }

    [Fact]
    public async Task Repository_access_holds_the_opened_credential()
    {
        await _rooms.AddPasswordAsync("git-token", CredentialKind.Token, "tok-123");
        var repository = new RepositorySpec { Url = "https://git.example/a.git", Credential = "git-token", Submodules = true };

        var access = await _rooms.Get<RepositoryAccessReader>().ReadAsync(repository, CancellationToken.None);

        Assert.Equal((CredentialKind.Token, "tok-123", true), (access.Kind!.Value, access.Secret.Reveal(), access.Submodules));
        await Assert.ThrowsAsync<StepFailure>(() => _rooms.Get<RepositoryAccessReader>().ReadAsync(repository with { Credential = "gone" }, CancellationToken.None));
    }

    private async Task AddReleaseAsync(long projectId, int number)
    {
        await using var db = await _rooms.Contexts.CreateDbContextAsync();
        db.Releases.Add(new Release { ProjectId = projectId, Number = number, CommitSha = "a", BuildFingerprint = "b", Sha256 = "c", BuiltAt = DateTimeOffset.UtcNow });
        await db.SaveChangesAsync();
    }
}
