using System.Diagnostics;
using System.Globalization;
using System.Text;
using DevOps.Core.Logs;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

public sealed class RemoteCommandTests(SshServerFixture fixture) : SshRoom(fixture), IClassFixture<SshServerFixture>
{
    public static TheoryData<string> Values => ["", "plain", "it's", "two\nlines\n", "$(touch x) `id` ${HOME} \\n", "\"q\" *?[a]", "汉字 é", "tab\tand\rreturn", "-n"];

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Variables_arrive_as_they_are(string value)
    {
        var exit = await Host.RunAsync(Command("printf '%s' \"$VALUE\"; exec env >/dev/null", ("VALUE", value)), null, default);

        Assert.Equal(new RemoteExit(0, value, "", TimedOut: false), exit);
    }

    [Fact]
    public async Task Output_and_errors_come_apart_with_the_exit_code()
    {
        var exit = await Host.RunAsync(Command("echo out; echo err >&2; exit 3"), null, default);

        Assert.Equal(new RemoteExit(3, "out\n", "err\n", TimedOut: false), exit);
    }

    [Fact]
    public async Task Exit_code_255_is_a_result() =>
        Assert.Equal(new RemoteExit(255, "", "", TimedOut: false), await Host.RunAsync(Command("exit 255"), null, default));

    [Fact]
    public async Task First_failing_command_ends_the_script()
    {
        var exit = await Host.RunAsync(Command("echo before\nfalse\necho after"), null, default);

        Assert.Equal((1, "before\n"), (exit.ExitCode, exit.Output));
    }

    [Fact]
    public async Task Script_sees_an_empty_input() =>
        Assert.Equal("[]", (await Host.RunAsync(Command("printf '[%s]' \"$(cat)\""), null, default)).Output);

    [Fact]
    public async Task Script_runs_in_its_folder()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Fixture.Root, "it's $(here)")).FullName;

        var exit = await Host.RunAsync(Command("pwd") with { Folder = folder }, null, default);
        var absent = await Host.RunAsync(Command("pwd") with { Folder = folder + "/absent" }, null, default);

        Assert.Equal(folder + "\n", exit.Output);
        Assert.Equal((1, ""), (absent.ExitCode, absent.Output));
        Assert.Contains("is not there or may not be entered", absent.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_output_comes_whole_and_in_order()
    {
        var log = new Bytes();

        var exit = await Host.RunAsync(Command("i=0; while [ $i -lt 20000 ]; do echo \"line $i of the output\"; i=$((i+1)); done"), log, default);

        Assert.Equal(0, exit.ExitCode);
        Assert.Equal(string.Concat(Enumerable.Range(0, 20000).Select(i => $"line {i} of the output\n")), log.Text);
    }

    [Fact]
    public async Task Long_script_and_values_arrive()
    {
        var value = new string('v', 300_000);

        var exit = await Host.RunAsync(Command($"# {new string('x', 300_000)}\nprintf '%s' \"${{#VALUE}}\"", ("VALUE", value)), null, default);

        Assert.Equal("300000", exit.Output);
    }

    [Fact]
    public async Task Process_left_behind_does_not_hold_the_command()
    {
        var exit = await Host.RunAsync(Command("sleep 987 & echo $!"), null, default);

        var pid = int.Parse(exit.Output, CultureInfo.InvariantCulture);
        Assert.Equal(0, exit.ExitCode);
        Assert.True(File.Exists($"/proc/{pid}/stat"));
        Process.GetProcessById(pid).Kill();
    }

    [Fact]
    public async Task Secrets_stand_in_no_argument_list_and_no_environment_but_the_scripts_own()
    {
        var log = new Bytes();
        using var stop = new CancellationTokenSource();
        var run = Host.RunAsync(Command("echo $$; echo ready; read_me=$TOKEN; sleep 986", ("TOKEN", "s3cr3t-value")), log, stop.Token);
        await log.SeenAsync("ready");

        foreach (var pid in Directory.EnumerateDirectories("/proc").Select(p => Path.GetFileName(p)).Where(n => n.All(char.IsAsciiDigit)))
        {
            Assert.DoesNotContain("s3cr3t-value", CommandLine(pid), StringComparison.Ordinal);
            Assert.True(CommandLine(pid).StartsWith("sleep 986", StringComparison.Ordinal) || !CommandLine(pid, "environ").Contains("s3cr3t-value", StringComparison.Ordinal));
        }

        Assert.DoesNotContain(Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories), f => Path.GetFileName(f) is "key" or "password");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Cancelled_command_ends_with_its_children()
    {
        var log = new Bytes();
        using var stop = new CancellationTokenSource();
        var run = Host.RunAsync(Command("sh -c 'echo $$; sleep 985 & sleep 984' & echo $!; echo ready; wait"), log, stop.Token);
        await log.SeenAsync("ready");
        await log.LinesAsync(3);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        foreach (var pid in Processes("sleep 985").Concat(Processes("sleep 984")))
        {
            await GoneAsync(pid);
        }
    }

    [Fact]
    public async Task Command_that_ignores_the_first_signal_is_killed()
    {
        var log = new Bytes();
        using var stop = new CancellationTokenSource();
        var run = Host.RunAsync(Command("trap '' TERM; echo ready; sleep 983; sleep 983"), log, stop.Token);
        await log.SeenAsync("ready");
        var pids = Processes("sleep 983");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await Task.WhenAll(pids.Select(GoneAsync));
        Assert.Empty(Processes("sleep 983"));
    }

    [Fact]
    public async Task Command_out_of_time_ends_with_124_and_its_output()
    {
        var exit = await Host.RunAsync(Command("echo begun; sleep 982") with { Timeout = TimeSpan.FromSeconds(1) }, null, default);

        Assert.Equal((124, "begun\n", true), (exit.ExitCode, exit.Output, exit.TimedOut));
        await Task.WhenAll(Processes("sleep 982").Select(GoneAsync));
    }

    [Fact]
    public async Task Log_that_fails_ends_the_command()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => Host.RunAsync(Command("echo x; sleep 981"), new Broken(), default));

        await Task.WhenAll(Processes("sleep 981").Select(GoneAsync));
    }

    /// <summary>A log that keeps bytes and signals what it saw.</summary>
    private sealed class Bytes : ILogOutput
    {
        private readonly Lock _gate = new();
        private readonly MemoryStream _bytes = new();
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Text
        {
            get { lock (_gate) { return Encoding.UTF8.GetString(_bytes.ToArray()); } }
        }

        public Task SeenAsync(string text) => UntilAsync(t => t.Contains(text, StringComparison.Ordinal));

        public Task LinesAsync(int count) => UntilAsync(t => t.Count(c => c == '\n') >= count);

        public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                _bytes.Write(utf8.Span);
                _more.SetResult();
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask SayAsync(string text, CancellationToken cancellationToken) => WriteAsync(LogStream.System, Encoding.UTF8.GetBytes(text), cancellationToken);

        private async Task UntilAsync(Func<string, bool> seen)
        {
            for (; ; )
            {
                Task more;
                lock (_gate)
                {
                    more = _more.Task;
                }

                if (seen(Text))
                {
                    return;
                }

                await more.WaitAsync(Patience);
            }
        }
    }

    private sealed class Broken : ILogOutput
    {
        public ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken) => throw new InvalidDataException("the log is gone");

        public ValueTask SayAsync(string text, CancellationToken cancellationToken) => throw new InvalidDataException("the log is gone");
    }
}
