using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Infrastructure.Events;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Events;

public sealed class EventReaderTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private readonly EventReader _reader = new(postgres.Contexts);

    [Fact]
    public async Task Change_of_a_deployment_is_an_event_of_the_same_transaction()
    {
        var id = await LogRows.DeploymentAsync(postgres.DataSource, "queued");
        await using (var connection = await postgres.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await MoveAsync(connection, id, "cancelled");
            await transaction.RollbackAsync();
        }

        await MoveAsync(id, "running");

        var events = (await OfAsync(id, after: 0)).ToList();
        Assert.Equal([DeploymentEventKind.Created, DeploymentEventKind.Status], events.Select(e => e.Kind));
        Assert.Equal("running", events[1].Change.GetProperty("status").GetString());
        Assert.Equal("queued", events[1].Change.GetProperty("previous").GetString());
        Assert.Equal("production", events[1].Environment);
    }

    [Fact]
    public async Task Event_of_a_transaction_that_commits_later_has_the_higher_id()
    {
        var slow = await LogRows.DeploymentAsync(postgres.DataSource, "queued");
        var fast = await LogRows.DeploymentAsync(postgres.DataSource, "queued");
        var before = (await _reader.SpanAsync(CancellationToken.None)).End;
        await using var connection = await postgres.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await MoveAsync(connection, slow, "running");

        await MoveAsync(fast, "running");
        var seen = (await _reader.ReadAsync(Actor.Platform, new EventFilter(), before, CancellationToken.None)).Through;
        await transaction.CommitAsync();

        Assert.Equal(slow, Assert.Single(await OfAsync(slow, seen)).Deployment);
        Assert.Empty(await OfAsync(fast, seen));
    }

    [Fact]
    public async Task Decision_of_a_person_is_an_event()
    {
        var id = await LogRows.DeploymentAsync(postgres.DataSource, "queued");
        await LogRows.ExecuteAsync(postgres.DataSource, $"INSERT INTO approvals (deployment_id, by, decision, at, comment) VALUES ({id}, 'wang', 'approved', now(), '')");

        var decision = (await OfAsync(id, after: 0)).Last();

        Assert.Equal(DeploymentEventKind.Approval, decision.Kind);
        Assert.Equal(("wang", "approved"), (decision.Change.GetProperty("by").GetString(), decision.Change.GetProperty("decision").GetString()));
    }

    [Fact]
    public async Task More_than_a_batch_is_read_in_batches_without_loss_or_repeat()
    {
        var before = (await _reader.SpanAsync(CancellationToken.None)).End;
        var id = await LogRows.DeploymentAsync(postgres.DataSource, "running");
        await LogRows.ExecuteAsync(postgres.DataSource, $"""
            INSERT INTO deployment_steps (deployment_id, position, name, status) SELECT {id}, n, 'build', 'running' FROM generate_series(1, 450) n
            """);

        var all = new List<EventView>();
        EventBatch batch;
        do
        {
            batch = await _reader.ReadAsync(Actor.Platform, new EventFilter(), before, CancellationToken.None);
            all.AddRange(batch.Events);
            before = batch.Through;
        }
        while (batch.More);

        Assert.Equal(450, all.Count(e => e.Deployment == id && e.Kind == DeploymentEventKind.Step));
        Assert.Equal(all.Select(e => e.Id).Distinct().Order(), all.Select(e => e.Id));
    }

    [Fact]
    public async Task Member_of_one_project_sees_events_of_that_project_only()
    {
        var mine = await LogRows.DeploymentAsync(postgres.DataSource);
        var other = await LogRows.DeploymentAsync(postgres.DataSource);
        await using var db = await postgres.Contexts.CreateDbContextAsync();
        var project = db.Deployments.Single(d => d.Id == mine).ProjectId;
        var member = new Actor("lin", Role.None, new Dictionary<long, Role> { [project] = Role.Viewer });

        var events = (await _reader.ReadAsync(member, new EventFilter(), 0, CancellationToken.None)).Events;

        Assert.Contains(events, e => e.Deployment == mine);
        Assert.DoesNotContain(events, e => e.Deployment == other);
    }

    private async Task<IEnumerable<EventView>> OfAsync(long deployment, long after) =>
        (await _reader.ReadAsync(Actor.Platform, new EventFilter(), after, CancellationToken.None)).Events.Where(e => e.Deployment == deployment);

    private async Task MoveAsync(long id, string status)
    {
        await using var connection = await postgres.DataSource.OpenConnectionAsync();
        await MoveAsync(connection, id, status);
    }

    private static async Task MoveAsync(NpgsqlConnection connection, long id, string status)
    {
        await using var command = new NpgsqlCommand("UPDATE deployments SET status = $1, finished_at = CASE WHEN $1 = 'cancelled' THEN now() END WHERE id = $2", connection);
        command.Parameters.AddWithValue(status);
        command.Parameters.AddWithValue(id);
        await command.ExecuteNonQueryAsync();
    }
}
