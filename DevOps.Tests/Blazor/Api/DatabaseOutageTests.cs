using System.Net;
using System.Net.Sockets;
using DevOps.Core.Access;
using DevOps.Infrastructure.Persistence;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DevOps.Tests.Blazor.Api;

/// <summary>A platform whose database can be taken away.</summary>
public sealed class OutageApi : ApiFixture
{
    /// <summary>While true, no context can be made.</summary>
    public static bool Away { get; set; }

    protected override void Replace(IServiceCollection services) =>
        services.AddSingleton<IDbContextFactory<DevOpsDbContext>>(new Switch(Postgres));

    private sealed class Switch(PostgresFixture postgres) : IDbContextFactory<DevOpsDbContext>
    {
        public DevOpsDbContext CreateDbContext() =>
            Away ? throw new NpgsqlException("Failed to connect", new SocketException(111)) : postgres.Contexts.CreateDbContext();
    }
}

public sealed class DatabaseOutageTests(OutageApi api) : IClassFixture<OutageApi>
{
    [Fact]
    public async Task Requests_say_that_the_database_is_away_and_work_again_after()
    {
        using var admin = await api.AsAsync(Role.Admin);
        OutageApi.Away = true;
        try
        {
            using var stranger = api.Anonymous();
            using var list = await admin.GetAsync(new Uri("/api/v1/users", UriKind.Relative));
            await ContractTests.AssertProblemAsync(list, HttpStatusCode.ServiceUnavailable);
            using var signIn = await stranger.PostAsync(
                new Uri("/api/v1/auth/token", UriKind.Relative), new StringContent("""{"username":"admin","password":"wrong password"}""", System.Text.Encoding.UTF8, "application/json"));
            await ContractTests.AssertProblemAsync(signIn, HttpStatusCode.ServiceUnavailable);
        }
        finally
        {
            OutageApi.Away = false;
        }

        using var after = await admin.GetAsync(new Uri("/api/v1/users", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }
}
