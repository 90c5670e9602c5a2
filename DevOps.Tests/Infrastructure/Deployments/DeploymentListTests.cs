using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Infrastructure.Deployments;

/// <summary>Pages and totals of a list that is never counted row by row, held against the rows themselves; they lie in several stretches.</summary>
public sealed class DeploymentListTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private const string Seed = """
        INSERT INTO projects (key, name, description, repository, build, deploy, last_release, created_at, revision)
        SELECT 'p-' || n, 'P', '', '{"url":"https://git.example/x.git","branch":"main"}', '{}', '{"path":"/srv/x"}', 0, now(), 1 FROM generate_series(1, 2) n;
        INSERT INTO environments (project_id, name, position, servers, server_tags, variables, files, supersede, revision, approvals, freezes, freeze_weekly)
        SELECT p.id, e.name, 1, '{}', '{}', '{}', '{}', true, 1, '{"required":0,"role":"maintainer","expireSeconds":86400}', '[]', '[]' FROM projects p, (VALUES ('dev'), ('production')) e(name);
        INSERT INTO deployments (id, project_id, environment_id, status, cause, requested_by, requested_ref, requested_servers, note, created_at, finished_at, rollback, log_complete, approvals_required, approval_role, override_freeze, pause)
        SELECT n * 137, e.project_id, e.id, (ARRAY['succeeded', 'failed', 'cancelled'])[1 + n % 3], 'manual', 'lin', 'main', '{}', '', now(), now(), 'none', true, 0, 'maintainer', false, 'none'
        FROM generate_series(1, 211) n JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM environments) e ON e.place = n % 4;
        """;

    private readonly DeploymentQueries _queries = new(postgres.Contexts, new WaitingWords(new PlatformOptions(), TimeProvider.System));

    public async Task InitializeAsync()
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        if (!await db.Deployments.AnyAsync())
        {
            await using var command = postgres.DataSource.CreateCommand(Seed);
            await command.ExecuteNonQueryAsync();
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Every_page_of_every_filter_is_what_the_rows_say()
    {
        foreach (var project in new[] { null, "p-1", "nobody" })
        {
            foreach (var environment in new[] { null, "production", "nowhere" })
            {
                foreach (var status in new DeploymentStatus?[] { null, DeploymentStatus.Failed, DeploymentStatus.Running })
                {
                    await CompareAsync(Actor.Platform, new DeploymentFilter(project, environment, status), null);
                }
            }
        }
    }

    [Fact]
    public async Task Member_of_one_project_counts_and_sees_that_one_only()
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var id = await db.Projects.Where(p => p.Key == "p-2").Select(p => p.Id).SingleAsync();

        await CompareAsync(Rooms.Member("eve", id, Role.Viewer), new DeploymentFilter(), id);
        Assert.Equal(0, (await _queries.ListAsync(Rooms.Member("eve", id, Role.Viewer), new DeploymentFilter("p-1"), PageRequest.Of(1, 10), CancellationToken.None)).Total);
    }

    [Fact]
    public async Task Totals_follow_every_change_of_state_and_are_the_same_after_they_are_added_up()
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var ids = await db.Deployments.Where(d => d.Status == DeploymentStatus.Cancelled).OrderBy(d => d.Id).Select(d => d.Id).Take(3).ToListAsync();
        await db.Deployments.Where(d => d.Id == ids[0]).ExecuteUpdateAsync(set => set.SetProperty(d => d.Status, DeploymentStatus.Failed));
        await db.Deployments.Where(d => d.Id == ids[1]).ExecuteDeleteAsync();
        await db.Deployments.Where(d => d.Id == ids[2]).ExecuteUpdateAsync(set => set.SetProperty(d => d.Note, "no change of state"));

        await CompareAsync(Actor.Platform, new DeploymentFilter(), null);
        await CompareAsync(Actor.Platform, new DeploymentFilter(null, null, DeploymentStatus.Failed), null);
        await db.Database.ExecuteSqlAsync($"""
            WITH gone AS (DELETE FROM deployment_counts RETURNING environment_id, status, stretch, delta)
            INSERT INTO deployment_counts (environment_id, status, stretch, delta)
            SELECT environment_id, status, stretch, sum(delta) FROM gone GROUP BY environment_id, status, stretch HAVING sum(delta) <> 0
            """);
        await CompareAsync(Actor.Platform, new DeploymentFilter(), null);
        await CompareAsync(Actor.Platform, new DeploymentFilter(null, null, DeploymentStatus.Cancelled), null);
    }

    private async Task CompareAsync(Actor actor, DeploymentFilter filter, long? onlyProject)
    {
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var expected = await (
            from d in db.Deployments
            join p in db.Projects on d.ProjectId equals p.Id
            join e in db.Environments on d.EnvironmentId equals e.Id
            where (filter.Project == null || p.Key == filter.Project) && (filter.Environment == null || e.Name == filter.Environment)
                && (filter.Status == null || d.Status == filter.Status) && (onlyProject == null || d.ProjectId == onlyProject)
            orderby d.Id descending
            select d.Id).ToListAsync();
        for (var page = 1; page <= (expected.Count / 10) + 2; page++)
        {
            var list = await _queries.ListAsync(actor, filter, PageRequest.Of(page, 10), CancellationToken.None);
            Assert.Equal(expected.Count, list.Total);
            Assert.Equal(expected.Skip((page - 1) * 10).Take(10), list.Items.Select(i => i.Id));
        }
    }
}
