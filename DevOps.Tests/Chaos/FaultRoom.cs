using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DevOps.Infrastructure.Docker;
using DevOps.Infrastructure.Hosting;
using DevOps.Tests.EndToEnd;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Scripts;
using Npgsql;

namespace DevOps.Tests.Chaos;

/// <summary>A platform in a process of its own, with a database, an engine, two servers and a repository that are nobody else's, so that each of them may be broken.</summary>
public sealed class FaultRoom : IAsyncLifetime
{
    // Slow machines may take longer than a person would wait; for ever is what must not be.
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly string _data = Directory.CreateTempSubdirectory("devops-faults-").FullName;
    private readonly string _runtime = Directory.CreateTempSubdirectory("dvf").FullName;
    private readonly Dictionary<string, string> _settings;
    private PostgresCluster _cluster = null!;
    private string _clusterFolder = "";
    private NpgsqlDataSource _database = null!;
    private PrivateDockerEngine _engine = null!;
    private string _pinned = "";
    private int _change;

    public FaultRoom()
    {
        Gates = new Gates(StartScript.FreePort());
        _settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["XDG_RUNTIME_DIR"] = _runtime, ["DevOps__Queue__Poll"] = "00:00:01" };
    }

    internal Gates Gates { get; }

    internal GitFixture Git { get; } = new("faults");

    internal SshServerFixture Ssh { get; } = new();

    internal PlatformProcess Platform { get; private set; } = null!;

    /// <summary>Whether commits reach the disk, as they do for users.</summary>
    internal bool Durable { get; init; }

    /// <summary>The servers, by name.</summary>
    internal Dictionary<string, TestSshServer> Servers { get; } = new(StringComparer.Ordinal);

    /// <summary>Folder below which the servers keep the project.</summary>
    internal string Target => Path.Combine(Ssh.Root, "www");

    internal string Data => _data;

    internal string Runtime => _runtime;

    internal NpgsqlDataSource Database => _database;

    internal DockerConnection ConnectEngine() => new(new DockerOptions { Host = _engine.Host }, TimeProvider.System);

    internal FaultProject Project { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        (_cluster, _clusterFolder) = await PostgresFixture.OwnClusterAsync(Durable);
        _database = NpgsqlDataSource.Create(_cluster.ConnectionString);
        _engine = await PrivateDockerEngine.StartAsync();
        using (var connection = ConnectEngine())
        {
            await new DockerImages(connection).TagAsync(FaultProject.Image, "");
        }

        await Ssh.InitializeAsync();
        Directory.CreateDirectory(Target);
        var tools = FaultTools.Write(Path.Combine(Ssh.Root, "tools"), Gates.Address);
        foreach (var name in new[] { "app-a", "app-b" })
        {
            Servers[name] = await Ssh.StartServerAsync(name, $"SetEnv PATH={tools}:/usr/bin:/bin");
        }

        await StartPlatformAsync();
        await SetUpAsync();
    }

    public async Task DisposeAsync()
    {
        Gates.OpenAll();
        await Platform.DisposeAsync();
        Gates.Dispose();
        await _engine.StopAsync();
        await _database.DisposeAsync();
        await _cluster.StopAsync(immediate: true);
        await Ssh.DisposeAsync();
        Git.Dispose();
        Directory.Delete(_clusterFolder, recursive: true);
        Directory.Delete(_data, recursive: true);
        Directory.Delete(_runtime, recursive: true);
    }

    /// <summary>Starts the platform, after it was killed for example.</summary>
    internal async Task StartPlatformAsync() => Platform = await PlatformProcess.StartAsync(_data, _cluster.ConnectionString, _engine.Host, _settings);

    internal Task StopDatabaseAsync() => _cluster.StopAsync(immediate: true);

    internal async Task StartDatabaseAsync()
    {
        await _cluster.StartAsync(CancellationToken.None);
        _database.Clear(); // The room's own connections are those of before.
    }

    internal Task RestartEngineAsync() => _engine.RestartAsync();

    /// <summary>Containers that the engine itself cannot get rid of: after its restart a mount may be busy for as long as the machine runs.</summary>
    internal HashSet<string> BeyondRemoval { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes the files of the container that runs such that nobody can remove them.</summary>
    internal async Task PinContainerAsync()
    {
        using var connection = ConnectEngine();
        var list = await connection.AskAsync<List<JsonElement>>(new EngineCall(HttpMethod.Get, "/containers/json"), CancellationToken.None);
        var facts = await connection.AskAsync<JsonElement>(new EngineCall(HttpMethod.Get, $"/containers/{list.Single().GetProperty("Id")}/json"), CancellationToken.None);
        _pinned = facts.GetProperty("GraphDriver").EnumerateObject().Single(p => p.NameEquals("Data")).Value.GetProperty("UpperDir").GetString()!;
        await Root.RunAsync("chattr", "+i", _pinned);
    }

    internal Task UnpinContainerAsync() => Root.RunAsync("chattr", "-i", _pinned);

    /// <summary>Saves a project that is as it should be, but for a change.</summary>
    internal Task PutProjectAsync(Action<FaultProject>? change = null)
    {
        Project = new FaultProject(Gates.Address.ToString(), Git.Url);
        change?.Invoke(Project);
        return Platform.SendAsync(HttpMethod.Put, $"projects/{FaultProject.Key}", Project.Body(Target));
    }

    /// <summary>Commits something new, so that there is something to build.</summary>
    internal void Commit() => Git.Write("page.txt", string.Create(CultureInfo.InvariantCulture, $"page {++_change}")).Commit($"Page {_change}");

    internal async Task<long> RequestAsync() =>
        (await Platform.SendAsync(HttpMethod.Post, $"projects/{FaultProject.Key}/deployments", new { environment = "dev" })).GetProperty("id").GetInt64();

    /// <summary>Waits until a deployment is over and its log complete.</summary>
    internal async Task<JsonElement> EndAsync(long id)
    {
        var limit = Stopwatch.StartNew();
        while (limit.Elapsed < Bound)
        {
            await Platform.FollowAsync(id, "event: end");
            var deployment = await Platform.SendAsync(HttpMethod.Get, $"deployments/{id}");
            if (deployment.GetProperty("finishedAt").ValueKind is not JsonValueKind.Null)
            {
                return deployment;
            }
        }

        throw new InvalidOperationException($"Deployment {id} does not end: {await Platform.SendAsync(HttpMethod.Get, $"deployments/{id}")}\n{await LogAsync(id)}");
    }

    internal Task<string> LogAsync(long id) => Platform.Client.GetStringAsync($"/api/v1/deployments/{id}/log");

    /// <summary>A deployment in which nothing goes wrong.</summary>
    internal async Task DeployWellAsync()
    {
        Commit();
        var id = await RequestAsync();
        var deployment = await EndAsync(id);
        Assert.True(string.Equals(deployment.GetProperty("status").GetString(), "succeeded", StringComparison.Ordinal), deployment.GetRawText() + "\n" + await LogAsync(id));
    }

    /// <summary>Lets the platform believe in a server's present host key.</summary>
    internal async Task PinAsync(string server)
    {
        var scanned = await Platform.SendAsync(HttpMethod.Get, $"servers/{server}/host-key");
        await Platform.SendAsync(HttpMethod.Post, $"servers/{server}/host-key", new { fingerprint = scanned.GetProperty("fingerprint").GetString() });
    }

    private async Task SetUpAsync()
    {
        await Platform.SendAsync(HttpMethod.Post, "credentials", new { name = "user", kind = "sshKey", value = Ssh.UserKey });
        await Platform.SendAsync(HttpMethod.Post, "credentials", new { name = "stranger", kind = "sshKey", value = Ssh.StrangerKey });
        foreach (var (name, server) in Servers)
        {
            await Platform.SendAsync(HttpMethod.Post, "servers", new { name, host = "127.0.0.1", port = server.Port, user = Environment.UserName, credential = "user" });
            await PinAsync(name);
        }

        Project = new FaultProject(Gates.Address.ToString(), Git.Url);
        await Platform.SendAsync(HttpMethod.Post, "projects", Project.Body(Target));
        await Platform.SendAsync(HttpMethod.Put, $"projects/{FaultProject.Key}/environments/dev", new { position = 1, servers = Servers.Keys });
        await DeployWellAsync();
    }
}

/// <summary>Those who break the same room take turns.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCollection : ICollectionFixture<FaultRoom>
{
    public const string Name = "Faults";
}
