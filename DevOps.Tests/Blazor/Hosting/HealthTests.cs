using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Pipeline.Ports;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DevOps.Tests.Blazor.Hosting;

public sealed class HealthTests(HealthTests.Worker api) : IClassFixture<HealthTests.Worker>
{
    [Fact]
    public async Task Alive_is_said_without_asking_anything()
    {
        using var client = api.Anonymous();
        using var answer = await client.GetAsync("/healthz");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("ok", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Ready_names_each_part()
    {
        var (status, checks) = await ReadyAsync();

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["database", "engine", "migrations", "worker"], checks.Keys.Order());
        Assert.All(checks.Values, c => Assert.Equal("ok", c));
    }

    [Fact]
    public async Task Engine_that_is_away_makes_it_unready_by_name()
    {
        api.Engine.Away = true;
        try
        {
            var (status, checks) = await ReadyAsync();

            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.Equal(["engine"], Bad(checks));
        }
        finally
        {
            api.Engine.Away = false;
        }
    }

    [Fact]
    public async Task Missing_migration_makes_it_unready_by_name()
    {
        await ExecuteAsync("UPDATE \"__EFMigrationsHistory\" SET \"MigrationId\" = 'x' || \"MigrationId\"");
        try
        {
            var (status, checks) = await ReadyAsync();

            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.Equal(["migrations"], Bad(checks));
        }
        finally
        {
            await ExecuteAsync("UPDATE \"__EFMigrationsHistory\" SET \"MigrationId\" = substr(\"MigrationId\", 2)");
        }
    }

    [Fact]
    public async Task Database_that_hangs_makes_it_unready_within_seconds()
    {
        await using var connection = await api.Postgres.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE \"__EFMigrationsHistory\" IN ACCESS EXCLUSIVE MODE", connection, transaction))
        {
            await hold.ExecuteNonQueryAsync();
        }

        var (status, checks) = await ReadyAsync().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(["migrations"], Bad(checks));
    }

    private static IEnumerable<string> Bad(Dictionary<string, string?> checks) => checks.Where(c => c.Value is "bad").Select(c => c.Key);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = api.Postgres.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<(HttpStatusCode Status, Dictionary<string, string?> Checks)> ReadyAsync()
    {
        using var client = api.Anonymous();
        using var answer = await client.GetAsync("/readyz");
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (answer.StatusCode, body.GetProperty("checks").EnumerateObject().ToDictionary(c => c.Name, c => c.Value.GetProperty("status").GetString()));
    }

    public sealed class Worker : ApiFixture
    {
        public FakeContainerEngine Engine { get; } = new();

        protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["DEVOPS_ROLES"] = "web,worker" };

        protected override void Replace(IServiceCollection services) => services.AddSingleton<IContainerEngine>(Engine);
    }
}
