using System.Collections.Concurrent;
using System.Text;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Tests.Fakes;

/// <summary>A container engine without containers: it does what its switches say, and remembers what it was asked.</summary>
public sealed class FakeContainerEngine : IContainerEngine
{
    private readonly SemaphoreSlim _started = new(0);
    private readonly ConcurrentDictionary<long, byte> _containers = new();
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How the script ends.</summary>
    public int ExitCode { get; set; }

    /// <summary>Ends the run as killed for its memory.</summary>
    public bool OutOfMemory { get; set; }

    /// <summary>Ends the run as killed for its time.</summary>
    public bool TimedOut { get; set; }

    /// <summary>What the run says it took.</summary>
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Every call finds no engine.</summary>
    public bool Away { get; set; }

    /// <summary>The engine goes away after the lines were written; the container stays behind.</summary>
    public bool BreaksOff { get; set; }

    /// <summary>Message of the step failure that a run ends with.</summary>
    public string? Refusal { get; set; }

    /// <summary>After its lines a run does not end by itself: only by cancellation or <see cref="Release"/>.</summary>
    public bool Hangs { get; set; }

    /// <summary>Lines that each run writes to its standard output.</summary>
    public IList<string> Lines { get; } = [];

    /// <summary>Files that a successful run puts into its destination: relative path to content. Null: the workspace is copied there.</summary>
    public IDictionary<string, string>? Files { get; set; }

    /// <summary>What was asked for, oldest first.</summary>
    public ConcurrentQueue<ContainerRun> Runs { get; } = new();

    /// <summary>Runs that were cancelled.</summary>
    public ConcurrentQueue<long> Cancelled { get; } = new();

    /// <summary>Deployments whose leftovers were removed.</summary>
    public ConcurrentQueue<long> Swept { get; } = new();

    /// <summary>Waits until one more run has written its lines.</summary>
    public Task WaitForRunAsync(CancellationToken cancellationToken) => _started.WaitAsync(cancellationToken);

    /// <summary>Lets runs that hang go on to their end.</summary>
    public void Release() => _released.TrySetResult();

    /// <summary>Pretends that a crashed run left a container.</summary>
    public void LeaveBehind(long deploymentId) => _containers[deploymentId] = 0;

    /// <inheritdoc/>
    public Task<EngineInfo> PingAsync(CancellationToken cancellationToken)
    {
        DemandEngine();
        return Task.FromResult(new EngineInfo("0.0", "1.41", "fake"));
    }

    /// <inheritdoc/>
    public async Task<ContainerExit> RunAsync(ContainerRun run, ILogOutput output, CancellationToken cancellationToken)
    {
        DemandEngine();
        Runs.Enqueue(run);
        if (Refusal is { } refusal)
        {
            throw new StepFailure(refusal);
        }

        _containers[run.DeploymentId] = 0;
        try
        {
            await PlayAsync(output, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Cancelled.Enqueue(run.DeploymentId);
            _containers.TryRemove(run.DeploymentId, out _);
            throw;
        }

        _containers.TryRemove(run.DeploymentId, out _);
        var code = OutOfMemory || TimedOut ? 137 : ExitCode;
        if (code == 0)
        {
            Produce(run);
        }

        return new ContainerExit(code, OutOfMemory, TimedOut, Duration);
    }

    /// <inheritdoc/>
    public Task<int> RemoveLeftoversAsync(long deploymentId, CancellationToken cancellationToken)
    {
        DemandEngine();
        Swept.Enqueue(deploymentId);
        return Task.FromResult(_containers.TryRemove(deploymentId, out _) ? 1 : 0);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<long>> ListDeploymentsAsync(CancellationToken cancellationToken)
    {
        DemandEngine();
        return Task.FromResult<IReadOnlyList<long>>([.. _containers.Keys.Order()]);
    }

    private async Task PlayAsync(ILogOutput output, CancellationToken cancellationToken)
    {
        foreach (var line in Lines)
        {
            await output.WriteAsync(LogStream.Out, Encoding.UTF8.GetBytes(line + "\n"), cancellationToken);
        }

        _started.Release();
        if (BreaksOff)
        {
            throw new EngineUnavailable("the container engine broke off");
        }

        if (Hangs)
        {
            await _released.Task.WaitAsync(cancellationToken);
        }
    }

    private void Produce(ContainerRun run)
    {
        Directory.CreateDirectory(run.Destination);
        foreach (var (path, content) in Files ?? new Dictionary<string, string>())
        {
            Write(Path.Combine(run.Destination, path), target => File.WriteAllText(target, content));
        }

        if (Files is null && Directory.Exists(run.Workspace))
        {
            foreach (var file in Directory.EnumerateFiles(run.Workspace, "*", SearchOption.AllDirectories))
            {
                Write(Path.Combine(run.Destination, Path.GetRelativePath(run.Workspace, file)), target => File.Copy(file, target, overwrite: true));
            }
        }
    }

    private static void Write(string target, Action<string> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        write(target);
    }

    private void DemandEngine()
    {
        if (Away)
        {
            throw new EngineUnavailable("the container engine does not answer");
        }
    }
}
