using System.Globalization;
using System.Net;
using System.Text.Json;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;

namespace DevOps.Infrastructure.Docker;

/// <summary>One container, from its making to its end. What goes wrong in here leaves it to the owner to remove it.</summary>
public sealed class BuildContainer(DockerConnection connection, string id, TimeProvider time)
{
    // 128 and the number of the signal that nobody can catch.
    private const int KilledCode = 137;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(10);


    /// <summary>Puts the workspace and the script into it.</summary>
    public async Task FillAsync(ContainerRun run, ImageUser owner, ILogOutput output, CancellationToken cancellationToken)
    {
        using var stall = new StallLimit(Stall, time, cancellationToken);
        using var content = new WorkspaceContent(run.Workspace, string.Join('\n', run.Script) + "\n", run.Caches, owner, time, stall.Moved);
        try
        {
            var call = new EngineCall(HttpMethod.Put, $"/containers/{id}/archive?path=%2F") { Body = content, Limit = Timeout.InfiniteTimeSpan };
            await connection.TellAsync(call, stall.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineUnavailable($"The container engine took nothing more of the workspace for {Stall.TotalMinutes:0} minutes.", e);
        }
        catch (Exception) when (content.Fault is not null)
        {
            throw new StepFailure($"the workspace cannot be read: {content.Fault.Message}", null, content.Fault);
        }

        await output.SayAsync(Text($"workspace: {content.Files} files, {content.Bytes / 1e6:0.0} MB"), cancellationToken);
    }

    /// <summary>Starts the script and sees it to its end, or ends it when its time is up.</summary>
    public async Task<ContainerExit> PlayAsync(TimeSpan timeout, ILogOutput output, CancellationToken cancellationToken)
    {
        // Opened before the start: whoever comes later misses the first lines.
        var attach = new EngineCall(HttpMethod.Post, $"/containers/{id}/attach?stream=1&stdout=1&stderr=1");
        var stream = await connection.OpenStreamAsync(attach, Timeout.InfiniteTimeSpan, cancellationToken);
        await using var attached = new AttachedOutput(stream, output, time, cancellationToken);

        await connection.TellAsync(new EngineCall(HttpMethod.Post, $"/containers/{id}/start") { Limit = StartLimit }, cancellationToken);
        using var limit = new CancellationTokenSource(timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var began = time.GetTimestamp();

        var copy = attached.CopyAsync();
        var end = WaitAsync(stop.Token);
        if (await Task.WhenAny(copy, end) == copy)
        {
            // Fails here when the log cannot take the output; otherwise the output has ended and the script is about to.
            await copy;
        }

        var timedOut = false;
        try
        {
            await end;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            timedOut = true;
            await KillAsync(cancellationToken);
        }

        var duration = time.GetElapsedTime(began);
        if (!await attached.EndAsync(copy))
        {
            await output.SayAsync("the engine did not end the output properly; its last lines may be missing", cancellationToken);
        }

        return await JudgeAsync(timedOut, duration, output, cancellationToken);
    }

    /// <summary>Copies what was asked for out of it.</summary>
    public async Task CollectAsync(ContainerRun run, ILogOutput output, CancellationToken cancellationToken)
    {
        var files = new CollectedFiles(run.Destination, run.Wanted);
        foreach (var path in run.Collect)
        {
            var from = $"{ContainerSpec.Workspace}/{path.Trim('/')}".TrimEnd('/');
            try
            {
                var call = new EngineCall(HttpMethod.Get, $"/containers/{id}/archive?path={Uri.EscapeDataString(from)}");
                await using var stream = await connection.OpenStreamAsync(call, Stall, cancellationToken);
                await files.UnpackAsync(stream, path, cancellationToken);
            }
            catch (EngineRefusal refusal) when (refusal.Status is HttpStatusCode.NotFound)
            {
                await output.SayAsync($"{from} is not in the container", cancellationToken);
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
            {
                throw new EngineUnavailable($"The container engine's copy of {from} is broken: {e.Message}", e);
            }
        }

        files.Finish();
        foreach (var name in files.LeftOut.Take(10))
        {
            await output.SayAsync($"left out {name}: neither a file, nor a folder, nor a link that stays in the workspace", cancellationToken);
        }

        await output.SayAsync(Text($"copied out: {files.Files} files, {files.Bytes / 1e6:0.0} MB"), cancellationToken);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var call = new EngineCall(HttpMethod.Post, $"/containers/{id}/wait") { Limit = Timeout.InfiniteTimeSpan };
        try
        {
            await connection.TellAsync(call, cancellationToken);
        }
        catch (EngineRefusal refusal) when (refusal.Status is HttpStatusCode.NotFound)
        {
            throw new EngineUnavailable("The build's container was removed by someone else while it ran.", refusal);
        }
    }

    private async Task KillAsync(CancellationToken cancellationToken)
    {
        try
        {
            await connection.TellAsync(new EngineCall(HttpMethod.Post, $"/containers/{id}/kill") { Limit = EndLimit }, cancellationToken);
        }
        catch (EngineRefusal refusal) when (refusal.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // It ended by itself in this very moment.
        }
    }

    private async Task<ContainerExit> JudgeAsync(bool timedOut, TimeSpan duration, ILogOutput output, CancellationToken cancellationToken)
    {
        var state = (await connection.AskAsync<ContainerFacts>(new EngineCall(HttpMethod.Get, $"/containers/{id}/json"), cancellationToken)).State;
        if (timedOut)
        {
            return new ContainerExit(KilledCode, OutOfMemory: false, TimedOut: true, duration);
        }

        if (state.Running)
        {
            throw new EngineUnavailable("The container engine says that the build ended and that it runs.");
        }

        var happened = state.ExitCode == 0 || state.OOMKilled ? [] : await ReadEventsAsync(state, cancellationToken);
        var outOfMemory = state.OOMKilled || happened.Contains("oom");
        if (!outOfMemory && happened.Contains("kill"))
        {
            throw new EngineUnavailable("The build's container was killed from outside: by someone's hand, or because the engine was stopped.");
        }

        if (outOfMemory && state.ExitCode == 0)
        {
            await output.SayAsync("a process of the build was killed for the memory limit, yet the script ended well", cancellationToken);
        }

        return new ContainerExit(state.ExitCode, outOfMemory && state.ExitCode != 0, TimedOut: false, duration);
    }

    /// <summary>What the exit code does not tell: a child that was killed for its memory, while the script itself only failed for it; a signal that was not the script's own.
    /// On a busy machine the engine hears of the memory later than of the end, so one listens on for a while, and no longer once it is told. Only a script that was
    /// killed by nobody's word is listened for at length: it killed itself, or the word is still to come.</summary>
    private async Task<HashSet<string>> ReadEventsAsync(ContainerState state, CancellationToken cancellationToken)
    {
        var heard = await ListenAsync(state, Soon, cancellationToken);
        return heard.Count == 0 && state.ExitCode == KilledCode ? await ListenAsync(state, Late, cancellationToken) : heard;
    }

    private async Task<HashSet<string>> ListenAsync(ContainerState state, TimeSpan beyond, CancellationToken cancellationToken)
    {
        var filters = JsonSerializer.Serialize(new { container = new[] { id }, @event = new[] { "oom", "kill" } });
        var path = Text($"/events?since={Seconds(state.StartedAt)}&until={Seconds(state.FinishedAt + beyond)}&filters={Uri.EscapeDataString(filters)}");
        await using var stream = await connection.OpenStreamAsync(new EngineCall(HttpMethod.Get, path) { Limit = EndLimit }, beyond + EndLimit, cancellationToken);
        using var lines = new StreamReader(stream);
        var heard = new HashSet<string>(StringComparer.Ordinal);
        while (!heard.Contains("oom") && await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.AsSpan().Trim().Length > 0)
            {
                heard.Add(ReadAction(line));
            }
        }

        return heard;
    }

    private static string ReadAction(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<EngineEvent>(line)?.Action ?? "";
        }
        catch (JsonException e)
        {
            throw new EngineUnavailable($"The container engine's events cannot be read: {e.Message}", e);
        }
    }

    private static string Seconds(DateTimeOffset at) => Text($"{at.ToUnixTimeSeconds()}.{at.Ticks % TimeSpan.TicksPerSecond * 100:000000000}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record EngineEvent(string? Action);

    private sealed record ContainerFacts(ContainerState State);

    private sealed record ContainerState(bool Running, bool OOMKilled, int ExitCode, DateTimeOffset StartedAt, DateTimeOffset FinishedAt);
}
