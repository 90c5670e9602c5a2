using System.Globalization;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>Builds on a real engine.</summary>
public sealed class DockerBuildTests(DockerFixture docker) : IClassFixture<DockerFixture>, IDisposable
{
    private readonly BuildFolders _folders = new();
    private readonly CapturedOutput _output = new();

    [Fact]
    public async Task Build_that_succeeds_brings_its_files_with_modes_and_links()
    {
        _folders.Put("src/main.txt", "hello");
        _folders.Put("run.sh", "#!/bin/sh\necho ran > dist/ran\n", (UnixFileMode)0x1ED);
        File.CreateSymbolicLink(Path.Combine(_folders.Workspace, "latest"), "src/main.txt");

        var exit = await RunAsync(["mkdir dist", "cat latest > dist/copy", "./run.sh", "chmod 0750 dist/ran", "ln -s ran dist/link", "ln dist/ran dist/second", "mkdir dist/empty"]);

        Assert.Equal((0, false, false), (exit.ExitCode, exit.OutOfMemory, exit.TimedOut));
        Assert.Equal("hello", _folders.Get("dist/copy"));
        Assert.Equal("ran\n", _folders.Get("dist/second"));
        Assert.Equal("ran", new FileInfo(Path.Combine(_folders.Destination, "dist/link")).LinkTarget);
        Assert.Equal((UnixFileMode)0x1E8, File.GetUnixFileMode(Path.Combine(_folders.Destination, "dist/ran")));
        Assert.True(Directory.Exists(Path.Combine(_folders.Destination, "dist/empty")));
        Assert.False(Directory.Exists(Path.Combine(_folders.Workspace, "dist")), "the container wrote into the workspace of the host");
    }

    [Fact]
    public async Task Build_copies_out_only_what_was_asked_for_and_passes_over_what_is_absent()
    {
        _folders.Put("secret.txt", "not asked for");
        var exit = await RunAsync(["mkdir -p out/deep", "echo a > out/deep/a", "echo b > b.txt"], run => run with { Collect = ["out/deep", "b.txt", "absent"] });

        Assert.Equal(0, exit.ExitCode);
        Assert.Equal(["b.txt", "out"], Directory.EnumerateFileSystemEntries(_folders.Destination).Select(Path.GetFileName).Order());
        Assert.Equal("a\n", _folders.Get("out/deep/a"));
        Assert.Contains("/workspace/absent is not in the container", _output.Text(LogStream.System));
    }

    [Fact]
    public async Task Script_that_fails_ends_with_its_code_and_runs_no_later_line()
    {
        var exit = await RunAsync(["echo one", "echo two >&2", "sh -c 'exit 42'", "echo four"]);

        Assert.Equal((42, false, false), (exit.ExitCode, exit.OutOfMemory, exit.TimedOut));
        Assert.Equal("one\n", _output.Text());
        Assert.Equal("two\n", _output.Text(LogStream.Err));
        Assert.False(Directory.Exists(_folders.Destination), "a failed build brought files");
    }

    [Fact]
    public async Task Script_that_takes_too_much_memory_is_reported_as_such()
    {
        var exit = await RunAsync(["echo filling", "exec tail /dev/zero"], run => run with { MemoryMb = 16 });

        Assert.Equal((137, true, false), (exit.ExitCode, exit.OutOfMemory, exit.TimedOut));
    }

    [Fact]
    public async Task Child_that_takes_too_much_memory_is_reported_though_the_script_ends_with_a_code_of_its_own()
    {
        var exit = await RunAsync(["tail /dev/zero || exit 3"], run => run with { MemoryMb = 16 });

        Assert.Equal((3, true, false), (exit.ExitCode, exit.OutOfMemory, exit.TimedOut));
    }

    [Fact]
    public async Task Fork_bomb_stays_within_its_number_of_processes()
    {
        var exit = await RunAsync(
            ["i=0", "while [ $i -lt 200 ]; do sleep 60 & i=$((i+1)); done", "echo all started"],
            run => run with { Pids = 32 });

        Assert.NotEqual(0, exit.ExitCode);
        Assert.DoesNotContain("all started", _output.Text());
        Assert.Contains("fork", _output.Text(LogStream.Err));
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Script_that_takes_too_long_is_killed_and_its_output_kept()
    {
        var time = new ManualTime();
        var engine = docker.CreateEngine("time", time);
        var running = engine.RunAsync(Prepare(["echo begun", "sleep 600"]), _output, CancellationToken.None);
        await _output.WaitForAsync("begun");

        time.Advance(TimeSpan.FromMinutes(2));
        var exit = await running.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(new ContainerExit(137, OutOfMemory: false, TimedOut: true, TimeSpan.FromMinutes(2)), exit);
        Assert.Equal("begun\n", _output.Text());
        Assert.Empty(await engine.ListDeploymentsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Container_that_someone_else_kills_is_not_a_failure_of_the_script()
    {
        var running = docker.Engine.RunAsync(Prepare(["hostname", "echo begun", "sleep 600"]), _output, CancellationToken.None);
        await _output.WaitForAsync("begun");

        await docker.Connect(new DockerOptions { Host = docker.Host }).TellAsync(new EngineCall(HttpMethod.Post, $"/containers/{_output.Text().Split('\n')[0]}/kill"), CancellationToken.None);

        var lost = await Assert.ThrowsAsync<EngineUnavailable>(() => running.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Contains("killed from outside", lost.Message);
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Script_that_kills_itself_is_a_failure_of_the_script()
    {
        var exit = await RunAsync(["kill -9 $$"]);

        Assert.Equal((137, false, false), (exit.ExitCode, exit.OutOfMemory, exit.TimedOut));
    }

    [Fact]
    public async Task Engine_that_is_stopped_in_the_middle_is_unavailable()
    {
        var engine = await PrivateDockerEngine.StartAsync();
        Task<ContainerExit> running;
        try
        {
            using var connection = new DockerConnection(new DockerOptions { Host = engine.Host, Installation = "stop" }, TimeProvider.System);
            await new DockerImages(connection).TagAsync("devops-test/busybox:1", "");
            var options = new DockerOptions { Host = engine.Host, Installation = "stop" };
            running = docker.CreateEngine(options).RunAsync(Prepare(["echo begun", "sleep 600"]), _output, CancellationToken.None);
            await _output.WaitForAsync("begun");
        }
        finally
        {
            await engine.StopAsync();
        }

        await Assert.ThrowsAsync<EngineUnavailable>(() => running.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Workspace_that_cannot_be_read_is_a_failure_that_says_so()
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => RunAsync(["true"], run => run with { Workspace = Path.Combine(_folders.Workspace, "absent") }));

        Assert.Contains("the workspace cannot be read", failure.Message);
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Cancelled_build_is_killed_and_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var running = docker.Engine.RunAsync(Prepare(["echo begun", "trap '' TERM", "sleep 600"]), _output, cancel.Token);
        await _output.WaitForAsync("begun");
        Assert.Equal([1], await docker.Engine.ListDeploymentsAsync(CancellationToken.None));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromMinutes(1)));
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Build_whose_log_fails_is_killed_and_leaves_nothing()
    {
        var running = docker.Engine.RunAsync(Prepare(["echo begun", "sleep 600"]), new FailingOutput(), CancellationToken.None);

        await Assert.ThrowsAsync<InvalidDataException>(() => running.WaitAsync(TimeSpan.FromMinutes(1)));
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Hundred_thousand_lines_arrive_all_and_in_order()
    {
        var exit = await RunAsync(["seq 1 100000"]);

        Assert.Equal(0, exit.ExitCode);
        var lines = _output.Text().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(100_000, lines.Length);
        Assert.Equal(Enumerable.Range(1, 100_000).Select(n => n.ToString(CultureInfo.InvariantCulture)), lines);
    }

    [Fact]
    public async Task Binary_rubbish_arrives_byte_for_byte()
    {
        var exit = await RunAsync(["head -c 1000000 /dev/urandom > rubbish", "cat rubbish"], run => run with { Collect = ["rubbish"] });

        Assert.Equal(0, exit.ExitCode);
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folders.Destination, "rubbish")), _output.Bytes(LogStream.Out));
    }

    [Fact]
    public async Task Image_that_cannot_be_had_is_a_clear_failure()
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => RunAsync(["true"], run => run with { Image = "127.0.0.1:9/absent/image:1" }));

        Assert.StartsWith("image 127.0.0.1:9/absent/image:1 cannot be had: ", failure.Message);
        Assert.Contains("refused", failure.Message);
    }

    [Fact]
    public async Task Image_without_a_shell_says_so_in_the_log()
    {
        await docker.Images.ImportAsync("devops-test/empty:1", new StreamContent(new MemoryStream(new byte[1024])));

        var exit = await RunAsync(["true"], run => run with { Image = "devops-test/empty:1" });

        Assert.Equal(127, exit.ExitCode);
        Assert.Contains("/bin/sh", _output.Text(LogStream.Err));
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Variables_reach_the_script_and_stand_in_no_argument()
    {
        const string Secret = "p@ss 'word' \"x\" $HOME\nsecond line";
        var variables = new Dictionary<string, Sensitive> { ["TOKEN"] = new(Secret) };

        var exit = await RunAsync(["printf %s \"$TOKEN\"", "cat /proc/1/cmdline /proc/$$/cmdline >&2"], run => run with { Variables = variables });

        Assert.Equal(0, exit.ExitCode);
        Assert.Equal(Secret, _output.Text());
        Assert.DoesNotContain("p@ss", _output.Text(LogStream.Err));
        Assert.Contains("build.sh", _output.Text(LogStream.Err));
    }

    [Fact]
    public async Task Image_with_a_user_of_its_own_owns_workspace_and_caches()
    {
        await docker.TagAsync("devops-test/app:1", "app");
        _folders.Put("given.txt", "x");

        var exit = await RunAsync(
            ["id -u", "id -g", "echo more >> given.txt", "echo new > made.txt", "echo kept > /cache/kept"],
            run => run with { Image = "devops-test/app:1", Caches = ["/cache"], ProjectKey = "own-user" });

        Assert.Equal("1234\n2345\n", _output.Text());
        Assert.True(exit.ExitCode == 0, _output.Text(LogStream.Err));
        Assert.Equal("new\n", _folders.Get("made.txt"));
    }

    [Fact]
    public async Task Cache_is_kept_between_builds_of_a_project_and_hidden_from_another()
    {
        await RunAsync(["echo kept > /root/.cache/x"], run => run with { Caches = ["/root/.cache"], ProjectKey = "one" });
        await RunAsync(["cat /root/.cache/x"], run => run with { Caches = ["/root/.cache"], ProjectKey = "one" });
        var other = await RunAsync(["test ! -e /root/.cache/x"], run => run with { Caches = ["/root/.cache"], ProjectKey = "two" });

        Assert.Equal("kept\n", _output.Text());
        Assert.Equal(0, other.ExitCode);
    }

    [Fact]
    public async Task Container_has_no_rights_it_does_not_need()
    {
        var exit = await RunAsync(
            ["grep -E 'NoNewPrivs|CapEff' /proc/self/status", "test ! -e /var/run/docker.sock", "! mount -t tmpfs none /tmp", "touch f", "chown 5:6 f", "grep -c . /proc/net/dev"]);

        Assert.True(exit.ExitCode == 0, _output.Text(LogStream.Err));
        Assert.Contains("NoNewPrivs:\t1", _output.Text());
        Assert.Contains("CapEff:\t00000000000000cb", _output.Text());
    }

    [Fact]
    public async Task Link_that_leads_outside_is_refused_by_name()
    {
        var failure = await Assert.ThrowsAsync<StepFailure>(() => RunAsync(["mkdir dist", "ln -s ../../etc/passwd dist/leak"]));

        Assert.Contains("dist/leak", failure.Message);
        Assert.Contains("../../etc/passwd", failure.Message);
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Container_of_a_crashed_run_is_removed_before_the_next()
    {
        var crashed = docker.Engine.RunAsync(Prepare(["echo begun", "sleep 600"]), _output, CancellationToken.None);
        await _output.WaitForAsync("begun");

        var exit = await RunAsync(["echo second"]);

        Assert.Equal(0, exit.ExitCode);
        Assert.True(await LostAsync(crashed), "the run whose container was taken away says that it succeeded");
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task More_cores_than_there_are_is_no_error()
    {
        var exit = await RunAsync(["true"], run => run with { Cpus = 4096 });

        Assert.Equal(0, exit.ExitCode);
        Assert.Contains("is lowered", _output.Text(LogStream.System));
    }

    [Theory]
    [InlineData("container:other")]
    [InlineData("")]
    [InlineData("a b")]
    public async Task Network_that_is_not_a_name_is_refused(string network) =>
        Assert.Contains("network", (await Assert.ThrowsAsync<StepFailure>(() => RunAsync(["true"], run => run with { Network = network }))).Message);

    [Fact]
    public async Task Network_that_does_not_exist_is_a_failure_that_names_it() =>
        Assert.Contains("nowhere", (await Assert.ThrowsAsync<StepFailure>(() => RunAsync(["true"], run => run with { Network = "nowhere" }))).Message);

    public void Dispose() => _folders.Dispose();

    private ContainerRun Prepare(string[] script) => DockerFixture.Run(_folders.Workspace, _folders.Destination, script);

    private Task<ContainerExit> RunAsync(string[] script, Func<ContainerRun, ContainerRun>? change = null)
    {
        var run = Prepare(script);
        return docker.Engine.RunAsync(change is null ? run : change(run), _output, CancellationToken.None);
    }

    // The engine may still say how the container ended, or no longer know it.
    private static async Task<bool> LostAsync(Task<ContainerExit> run)
    {
        try
        {
            return (await run.WaitAsync(TimeSpan.FromMinutes(1))).ExitCode != 0;
        }
        catch (EngineUnavailable)
        {
            return true;
        }
    }

    private async Task AssertNothingLeftAsync() => Assert.Empty(await docker.Engine.ListDeploymentsAsync(CancellationToken.None));

    private sealed class FailingOutput : ILogOutput
    {
        public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken) => throw new InvalidDataException("the log is broken");

        public ValueTask SayAsync(string text, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
