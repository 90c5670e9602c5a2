using System.Collections.Concurrent;
using System.Net.Http.Headers;
using DevOps.Blazor.Access;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Persistence;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Fixtures;

/// <summary>The real application in this process, on a free loopback port, with a database and a data folder of its own.
/// Derive from it to put fakes in place of what touches the world (<see cref="Replace"/>) or to change settings.</summary>
public class ApiFixture : WebApplicationFactory<Program>, IAsyncLifetime
{
    /// <summary>Password of every user the fixture makes.</summary>
    public const string Password = "correct horse battery";

    private readonly ConcurrentDictionary<string, Task<string>> _tokens = new(StringComparer.Ordinal);
    private readonly PostgresFixture _postgres = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("devops-api-").FullName;

    /// <summary>The database of the application.</summary>
    public PostgresFixture Postgres => _postgres;

    /// <summary>Makes contexts on the application's database.</summary>
    public IDbContextFactory<DevOpsDbContext> Contexts => _postgres.Contexts;

    /// <summary>The application's data folder.</summary>
    public string DataFolder => Path.Combine(_folder, "data");

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Settings, by configuration key.</summary>
    protected virtual IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Changes registrations after the application made its own.</summary>
    protected virtual void Replace(IServiceCollection services)
    {
    }

    /// <summary>A client that is not signed in and follows no redirects.</summary>
    public HttpClient Anonymous() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(Address) };

    /// <summary>A client that keeps cookies, as a browser does, and follows no redirects.</summary>
    public HttpClient Browser() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Address) };

    /// <summary>A client with the token of a user that has the role for the whole platform.</summary>
    public async Task<HttpClient> AsAsync(Role role) => WithToken(await TokenAsync(role));

    /// <summary>A client with a token.</summary>
    public HttpClient WithToken(string token)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A token of the user that has the role; the user is named as the role.</summary>
    public Task<string> TokenAsync(Role role) => TokenAsync(Json.Word(role), role);

    /// <summary>A token of a user, who is made with the role when absent.</summary>
    public Task<string> TokenAsync(string user, Role role, params ProjectRole[] projects) => _tokens.GetOrAdd(user, async name =>
    {
        await MakeUserAsync(name, role, projects);
        return await IssueAsync(name);
    });

    /// <summary>Makes a user with <see cref="Password"/>.</summary>
    public Task MakeUserAsync(string name, Role role, params ProjectRole[] projects) => Services.GetRequiredService<CreateUser>().RunAsync(
        Actor.Platform, new UserDraft { Username = name, Role = role, Projects = projects, Password = Password }, CancellationToken.None);

    /// <summary>A fresh token of a user who exists.</summary>
    public async Task<string> IssueAsync(string name)
    {
        await using var db = await Contexts.CreateDbContextAsync();
        var account = await db.Users.SingleAsync(a => a.UserName == name);
        return (await Services.GetRequiredService<AccessTokens>().IssueAsync(account, CancellationToken.None)).Text;
    }

    public async Task InitializeAsync()
    {
        await _postgres.InitializeAsync();
        UseKestrel(0);
        StartServer();
        Address = ClientOptions.BaseAddress.ToString().TrimEnd('/');
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseSetting("ConnectionStrings:Default", _postgres.ConnectionString);
        builder.UseSetting("DEVOPS_DATA", DataFolder);
        builder.UseSetting("DEVOPS_ROLES", "web");
        foreach (var (key, value) in Settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureTestServices(Replace);
    }
}
