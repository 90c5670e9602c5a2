using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Secrets;
using DevOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Fixtures;

/// <summary>The real application with its worker on a real database; engine, repository, servers and health answers are fakes that fail on request.</summary>
public class DeploymentFixture : ApiFixture
{
    private static int _number;

    /// <summary>The container engine.</summary>
    public FakeContainerEngine Engine { get; } = new() { Files = new Dictionary<string, string>(StringComparer.Ordinal) { ["app.txt"] = "hello" } };

    /// <summary>The repository; <c>main</c> has one commit.</summary>
    public FakeSourceRepository Source { get; } = new();

    /// <summary>The servers.</summary>
    public FakeRemoteHosts Hosts { get; } = new();

    /// <summary>Answers to health checks.</summary>
    public FakeHealthProbe Health { get; } = new();

    /// <summary>What this process does.</summary>
    protected virtual string Roles => "web,worker";

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DEVOPS_ROLES"] = Roles,

        // Tests count the commands of their servers.
        ["DevOps:Servers:CheckEvery"] = "1.00:00:00",
    };

    /// <summary>A project with an environment <c>dev</c> on servers of its own.</summary>
    public async Task<TestProject> ProjectAsync(int servers = 1, Func<DeploySpec, DeploySpec>? deploy = null, Func<BuildSpec, BuildSpec>? build = null)
    {
        var number = Interlocked.Increment(ref _number);
        var key = $"shop-{number}";
        var names = Enumerable.Range(1, servers).Select(i => $"app-{number}-{i}").ToList();
        Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal) { ["app.txt"] = "hello" }, $"Change {number}");
        await using var db = await Contexts.CreateDbContextAsync();
        var credential = new Credential { Name = $"key-{number}", Kind = CredentialKind.Password, Ciphertext = Services.GetRequiredService<SecretVault>().Seal(SecretVault.CredentialPurpose($"key-{number}"), new Sensitive("hunter2-" + number)) };
        db.Credentials.Add(credential);
        await db.SaveChangesAsync();
        db.Servers.AddRange(names.Select(n => new Server { Name = n, Host = "127.0.0.1", User = "deploy", CredentialId = credential.Id, HostKey = "ssh-ed25519 AAAA", HostKeyFingerprint = "SHA256:x" }));
        var project = new Project
        {
            Key = key,
            Name = key,
            Repository = new RepositorySpec { Url = "https://git.example/shop" },
            Build = (build ?? (b => b))(new BuildSpec { Image = "node:22", Script = ["true"] }),
            Deploy = (deploy ?? (d => d))(new DeploySpec { Path = "/srv/" + key, Restart = ["restart shop"] }),
        };
        db.Projects.Add(project);
        await db.SaveChangesAsync();
        var environment = new DeploymentEnvironment { ProjectId = project.Id, Name = "dev", Position = 1, Servers = names, Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["COLOUR"] = "blue" } };
        db.Environments.Add(environment);
        await db.SaveChangesAsync();
        return new TestProject(project.Id, key, environment.Id, names);
    }

    /// <summary>Changes the row of an environment.</summary>
    public async Task ChangeAsync(TestProject project, Action<DeploymentEnvironment> change, string environment = "dev")
    {
        await using var db = await Contexts.CreateDbContextAsync();
        change(db.Environments.Single(e => e.ProjectId == project.Id && e.Name == environment));
        await db.SaveChangesAsync();
    }

    /// <summary>Adds an environment on servers of its own to a project.</summary>
    public async Task AddEnvironmentAsync(TestProject project, string name, Action<DeploymentEnvironment> change)
    {
        await using var db = await Contexts.CreateDbContextAsync();
        var server = new Server { Name = $"{project.Servers[0]}-{name}", Host = "127.0.0.1", User = "deploy", CredentialId = db.Servers.Single(s => s.Name == project.Servers[0]).CredentialId, HostKey = "ssh-ed25519 AAAA", HostKeyFingerprint = "SHA256:x" };
        var environment = new DeploymentEnvironment { ProjectId = project.Id, Name = name, Position = 2, Servers = [server.Name] };
        change(environment);
        db.AddRange(server, environment);
        await db.SaveChangesAsync();
    }

    /// <summary>Asks for a deployment as someone, for some reason.</summary>
    public async Task<long> RequestAsync(TestProject project, Actor actor, Trigger trigger = Trigger.Manual, DeploymentRequest? request = null) =>
        (await Services.GetRequiredService<RequestDeployment>().RunAsync(actor, project.Key, request ?? new DeploymentRequest { Environment = "dev" }, trigger, CancellationToken.None)).Id;

    /// <summary>Asks for a deployment.</summary>
    public async Task<long> RequestAsync(TestProject project, DeploymentRequest? request = null) =>
        (await Services.GetRequiredService<RequestDeployment>().RunAsync(Actor.Platform, project.Key, request ?? new DeploymentRequest { Environment = "dev" }, Trigger.Manual, CancellationToken.None)).Id;

    /// <summary>Asks for a deployment and waits for its end.</summary>
    public async Task<DeploymentDetail> DeployAsync(TestProject project, DeploymentRequest? request = null) => await WaitAsync(await RequestAsync(project, request), d => d.Status.IsFinal());

    /// <summary>A deployment that is cancelled while a server restarts with its release; the one before was good.</summary>
    public async Task<(TestProject Project, DeploymentDetail Good, long Cancelled)> CancelBehindTheSwitchAsync()
    {
        var project = await ProjectAsync();
        var good = await DeployAsync(project);
        Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), "Cancelled");
        var host = Hosts[project.Servers[0]];
        var held = host.Hold(c => c.Script.StartsWith("restart", StringComparison.Ordinal) && host.Current != good.Release);
        var id = await RequestAsync(project);
        await held.Started;
        await Services.GetRequiredService<CancelDeployment>().RunAsync(Actor.Platform, id, CancellationToken.None);
        return (project, good, id);
    }

    /// <summary>Waits until a deployment is as wished, woken by its changes.</summary>
    public async Task<DeploymentDetail> WaitAsync(long id, Func<DeploymentDetail, bool> wished)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var changed = new SemaphoreSlim(0);
        using var subscription = Services.GetRequiredService<ChangeFeed>().Subscribe(_ => changed.Release());
        while (true)
        {
            var detail = await ReadAsync(id);
            if (wished(detail))
            {
                return detail;
            }

            await changed.WaitAsync(limit.Token);
        }
    }

    /// <summary>A deployment as it is now.</summary>
    public Task<DeploymentDetail> ReadAsync(long id) => Services.GetRequiredService<DeploymentQueries>().GetAsync(Actor.Platform, id, CancellationToken.None);

    /// <summary>The whole log, once it is complete.</summary>
    public async Task<string> LogAsync(long id)
    {
        await using var db = await Contexts.CreateDbContextAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var changed = new SemaphoreSlim(0);
        using var subscription = Services.GetRequiredService<ChangeFeed>().Subscribe(_ => changed.Release());
        while (!db.Deployments.Any(d => d.Id == id && d.LogComplete))
        {
            await changed.WaitAsync(limit.Token);
        }

        var lines = await Services.GetRequiredService<DevOps.Infrastructure.Logs.LogReader>().ReadAsync(id, 1, 10_000, limit.Token);
        return string.Join('\n', lines.Select(l => l.Text));
    }

    protected override void Replace(IServiceCollection services)
    {
        services.AddSingleton<IContainerEngine>(Engine);
        services.AddSingleton<ISourceRepository>(Source);
        services.AddSingleton<IRemoteHosts>(Hosts);
        services.AddSingleton<IHealthProbe>(Health);
    }
}

/// <summary>A project of the fixture.</summary>
public sealed record TestProject(long Id, string Key, long EnvironmentId, IReadOnlyList<string> Servers);
