using System.Diagnostics;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Queue;

namespace DevOps.Tests.Infrastructure.Queue;

/// <summary>A worker in a process of its own, to be killed or stopped. It says on its standard output what it does.</summary>
internal sealed class QueueChild : IAsyncDisposable
{
    public const string Command = "queue-worker";
    public const string Kind = "child";
    private const string Connection = "TEST_CONNECTION";

    private readonly Process _process;

    private QueueChild(Process process) => _process = process;

    /// <summary>Looks often, but holds long: on a busy machine a process that is well must not lose its lease before the test takes it away.</summary>
    public static QueueOptions Options => new()
    {
        Lease = TimeSpan.FromMinutes(5),
        Renew = TimeSpan.FromMilliseconds(500),
        Margin = TimeSpan.FromMilliseconds(500),
        Poll = TimeSpan.FromMilliseconds(100),
    };

    public static QueueChild Start(string connectionString)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(QueueChild).Assembly.Location);
        start.ArgumentList.Add(Command);
        start.Environment[Connection] = connectionString;
        return new QueueChild(Process.Start(start)!);
    }

    /// <summary>What the child does until its standard input ends.</summary>
    public static async Task<int> RunAsync()
    {
        await using var queue = new QueueProcess(Environment.GetEnvironmentVariable(Connection)!, Options);
        await queue.StartWorkerAsync(1, new ScriptedHandler(Kind, async context =>
        {
            await SayAsync($"running attempt {context.Job.Attempt}");
            await Task.Delay(Timeout.Infinite, context.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await SayAsync($"stopped {context.Reason}");
            await SayAsync($"finish {await queue.Queue.CompleteAsync(context.Fence, CancellationToken.None)}");
            return JobOutcome.Done;
        }));
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public async Task<string?> NextLineAsync() => await _process.StandardOutput.ReadLineAsync().WaitAsync(QueueProcess.Patience);

    public void KillHard() => _process.Kill();

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString()]);
        await kill.WaitForExitAsync().WaitAsync(QueueProcess.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task SayAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.Out.FlushAsync();
    }
}
