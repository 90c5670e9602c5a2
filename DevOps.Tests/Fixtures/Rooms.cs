using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Credentials;
using DevOps.Infrastructure.Environments;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Releases;
using DevOps.Infrastructure.Secrets;
using DevOps.Infrastructure.Servers;
using DevOps.Infrastructure.Ssh;
using DevOps.Tests.Fakes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DevOps.Tests.Fixtures;

/// <summary>The verbs and queries of projects, environments, servers and credentials on a real database, with servers, git and artifacts in memory.</summary>
public sealed class Rooms : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rooms-").FullName;
    private readonly NpgsqlDataSource _database;
    private readonly ServiceProvider _services;

    public Rooms(PostgresFixture database)
    {
        _database = database.DataSource;
        Contexts = database.Contexts;
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new PlatformOptions { DataFolder = _folder, AllowFileRepositories = true })
            .AddSingleton(database.Contexts)
            .AddSingleton<ChangeFeed>()
            .AddSingleton<AuditTrail>()
            .AddSingleton<IRemoteHosts>(Hosts)
            .AddSingleton<ServerProbe>()
            .AddSingleton<ISourceRepository>(Source)
            .AddSingleton<IArtifactStore>(Artifacts)
            .AddSecrets()
            .AddCredentials()
            .AddServers()
            .AddProjects()
            .AddEnvironments()
            .AddReleases()
            .BuildServiceProvider();
    }

    public static Actor Admin { get; } = Platform("admin", Role.Admin);

    public FakeRemoteHosts Hosts { get; } = new();

    public FakeSourceRepository Source { get; } = new();

    public FakeArtifactStore Artifacts { get; } = new();

    public IDbContextFactory<DevOpsDbContext> Contexts { get; }

    /// <summary>Someone with a role for the whole platform.</summary>
    public static Actor Platform(string name, Role role) => new(name, role, new Dictionary<long, Role>(), "127.0.0.1");

    /// <summary>Someone with a role in one project only.</summary>
    public static Actor Member(string name, long projectId, Role role) => new(name, Role.None, new Dictionary<long, Role> { [projectId] = role }, "127.0.0.1");

    /// <summary>A draft that is accepted.</summary>
    public static ProjectDraft Draft(string key = "shop", string path = "/srv/{project}/{environment}") => new()
    {
        Key = key,
        Name = $"The {key}",
        Repository = new RepositorySpec { Url = "https://git.example/team/shop.git" },
        Build = new BuildSpec { Image = "node:22", Script = ["npm ci"], Artifacts = ["dist/**"] },
        Deploy = new DeploySpec { Path = path },
    };

    public static ScannedHostKey HostKey(char fill, string algorithm = "ssh-ed25519") =>
        new(algorithm, $"{algorithm} AAAA{fill}", "SHA256:" + new string(fill, 43));

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<Project> CreateProjectAsync(string key = "shop", string path = "/srv/{project}/{environment}") =>
        Get<CreateProject>().RunAsync(Admin, Draft(key, path), CancellationToken.None);

    public Task<Credential> AddPasswordAsync(string name = "root-password", CredentialKind kind = CredentialKind.Password, string value = "hunter2-hunter2") =>
        Get<AddCredential>().RunAsync(Admin, new CredentialDraft { Name = name, Kind = kind, Value = new Sensitive(value) }, CancellationToken.None);

    /// <summary>Adds a server, and the credential it needs when that is not there.</summary>
    public async Task<Server> AddServerAsync(string name = "app-1", string? jumpServer = null, params string[] tags)
    {
        await using (var db = await Contexts.CreateDbContextAsync())
        {
            if (!await db.Credentials.AnyAsync(c => c.Name == "root-password"))
            {
                await AddPasswordAsync();
            }
        }

        return await Get<AddServer>().RunAsync(Admin, ServerDraft(name) with { JumpServer = jumpServer, Tags = tags }, CancellationToken.None);
    }

    public static ServerDraft ServerDraft(string name = "app-1") => new() { Name = name, Host = $"{name}.example", User = "deploy", Credential = "root-password" };

    public async Task<DeploymentEnvironment> PutEnvironmentAsync(string project = "shop", string name = "production", params string[] servers) =>
        (await Get<CreateOrChangeEnvironment>().RunAsync(Admin, project, new EnvironmentDraft { Name = name, Servers = servers }, null, CancellationToken.None)).Environment;

    /// <summary>Everything in a table as text, to look for what must not be there.</summary>
    public async Task<string> DumpAsync(string table)
    {
        await using var command = _database.CreateCommand("SELECT string_agg(row_to_json(t)::text, E'\\n') FROM " + table + " t");
        return await command.ExecuteScalarAsync() as string ?? "";
    }

    public async Task<IReadOnlyList<string>> AuditAsync()
    {
        await using var db = await Contexts.CreateDbContextAsync();
        return await db.AuditEntries.OrderBy(a => a.Id).Select(a => a.Actor + " " + a.Action + " " + a.Subject + ": " + a.Summary).ToListAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
