using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>An engine that answers as a test wishes, and ours in front of it.</summary>
public abstract class FakeEngineRoom : IAsyncLifetime
{
    private readonly List<DockerConnection> _connections = [];

    private protected BuildFolders Folders { get; } = new();

    private protected CapturedOutput Output { get; } = new();

    private protected FakeEngineApi Api { get; private set; } = null!;

    public async Task InitializeAsync() => Api = await FakeEngineApi.StartAsync();

    public async Task DisposeAsync()
    {
        _connections.ForEach(c => c.Dispose());
        await Api.DisposeAsync();
        Folders.Dispose();
    }

    private protected Task<ContainerExit> RunAsync(Func<ContainerRun, ContainerRun>? change = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        var run = DockerFixture.Run(Folders.Workspace, Folders.Destination, "true");
        return Engine(Api.Options, time).RunAsync(change is null ? run : change(run), Output, cancellationToken);
    }

    private protected DockerContainerEngine Engine() => Engine(Api.Options);

    private protected DockerContainerEngine Engine(DockerOptions options, TimeProvider? time = null, TimeProvider? connectionTime = null)
    {
        var connection = new DockerConnection(options, connectionTime ?? TimeProvider.System);
        _connections.Add(connection);
        return DockerFixture.CreateEngine(connection, options, time);
    }
}
