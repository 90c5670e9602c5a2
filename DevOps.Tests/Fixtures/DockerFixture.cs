using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Secrets;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace DevOps.Tests.Fixtures;

/// <summary>A real Docker engine, shared by all tests of the process: the one that <c>DEVOPS_TEST_DOCKER_HOST</c> names, or one that is started for the run.
/// No registry is reached from it: tests make the images they need.</summary>
public sealed class DockerFixture : IAsyncLifetime
{
    private static readonly Lazy<Task<string>> Shared = new(StartAsync);
    private readonly List<DockerConnection> _connections = [];

    /// <summary>Value for <c>DOCKER_HOST</c>.</summary>
    public string Host { get; private set; } = "";

    /// <summary>Images on the engine.</summary>
    public DockerImages Images { get; private set; } = null!;

    /// <summary>The product's client, under an installation mark of its own, so that classes of tests do not see each other's containers.</summary>
    public DockerContainerEngine Engine { get; private set; } = null!;

    /// <summary>Makes a small image (busybox) under this name, unless the engine has it.</summary>
    /// <param name="image">Name with tag, such as <c>node:22</c>.</param>
    /// <param name="user">The image's <c>USER</c>; it knows <c>root</c> and <c>app</c> (1234:2345).</param>
    public Task TagAsync(string image, string user = "") => Images.TagAsync(image, user);

    /// <summary>The name of an image with the machine's .NET SDK, git and this machine's NuGet packages (so that a restore needs no network): built once,
    /// 1 to 2 minutes, and kept as a file in the user's cache folder for later runs where that is still there.</summary>
    public Task<string> SdkImageAsync() => SdkImage.EnsureAsync(Images);

    /// <summary>A client for a mark of one's own.</summary>
    public DockerContainerEngine CreateEngine(string installation, TimeProvider? time = null) =>
        CreateEngine(new DockerOptions { Host = Host, Installation = installation }, time);

    /// <summary>A client for an engine of one's own.</summary>
    public DockerContainerEngine CreateEngine(DockerOptions options, TimeProvider? time = null) =>
        CreateEngine(Connect(options, time), options, time);

    /// <summary>A client that speaks through this connection.</summary>
    public static DockerContainerEngine CreateEngine(DockerConnection connection, DockerOptions options, TimeProvider? time = null) => new(
        connection,
        new Installation(options, new PlatformOptions()),
        new ContainerRemoval(connection, TimeProvider.System, NullLogger<ContainerRemoval>.Instance),
        time ?? TimeProvider.System);

    /// <summary>A run with small limits.</summary>
    public static ContainerRun Run(string workspace, string destination, params string[] script) => new()
    {
        DeploymentId = 1,
        ProjectKey = "shop",
        Image = "devops-test/busybox:1",
        Script = script,
        Variables = new Dictionary<string, Sensitive>(),
        Workspace = workspace,
        Collect = [""],
        Destination = destination,
        Cpus = 1,
        MemoryMb = 64,
        Pids = 64,
        Timeout = TimeSpan.FromMinutes(2),
        Network = "none",
    };

    public async Task InitializeAsync()
    {
        Host = await Shared.Value;
        Images = new DockerImages(Connect(new DockerOptions { Host = Host }));
        Engine = CreateEngine($"test-{Guid.NewGuid():N}");
        await TagAsync("devops-test/busybox:1");
    }

    public Task DisposeAsync()
    {
        _connections.ForEach(c => c.Dispose());
        return Task.CompletedTask;
    }

    /// <summary>A connection that ends with the fixture.</summary>
    public DockerConnection Connect(DockerOptions options, TimeProvider? time = null)
    {
        var connection = new DockerConnection(options, time ?? TimeProvider.System);
        _connections.Add(connection);
        return connection;
    }

    private static async Task<string> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("DEVOPS_TEST_DOCKER_HOST") is { Length: > 0 } given)
        {
            return given;
        }

        var engine = await PrivateDockerEngine.StartAsync();
        SuiteFramework.AtEnd(engine.StopAsync);
        return engine.Host;
    }
}
