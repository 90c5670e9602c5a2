using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Git;

/// <summary>Starts git with an argument list and an environment of its own, and ends it with all its children when time or patience is over.</summary>
internal sealed class GitProcess(string folder, IReadOnlyDictionary<string, string> environment, TimeProvider time)
{
    private const int LargestOutput = 256 * 1024 * 1024;
    private static readonly TimeSpan LongestDying = TimeSpan.FromSeconds(5);

    /// <summary>Runs git to its end.</summary>
    /// <exception cref="StepFailure">It took too long, said too much, or is not installed.</exception>
    public async Task<GitResult> RunAsync(IReadOnlyList<string> arguments, TimeSpan timeout, GitProgress? progress, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var process = Start(arguments);
        process.StandardInput.Close();
        try
        {
            var errors = new ErrorLines(progress);
            var reading = ReadAsync(process.StandardOutput.BaseStream, either.Token);
            await Task.WhenAll(reading, errors.ReadAsync(process.StandardError.BaseStream, either.Token));
            await process.WaitForExitAsync(either.Token);
            return new GitResult(process.ExitCode, await reading, errors.Last);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StepFailure($"git did not finish within {timeout.TotalSeconds:0} seconds and was ended. The repository's host may be slow or unreachable from here; try again.");
        }
        finally
        {
            await EndAsync(process);
        }
    }

    private Process Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new StepFailure("git could not be started. Install the package git on the machine that runs deployments.", inner: e);
        }
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (all.Length + read > LargestOutput)
            {
                throw new StepFailure("git answered with more than can be right. Look at the repository with git itself.");
            }

            all.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
    }

    private async Task EndAsync(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
        await AwaitHeirsAsync(process.StandardError.BaseStream);
    }

    // A killed child is gone a moment after its parent. All of them hold the same pipe: its end says that the last one is.
    private async Task AwaitHeirsAsync(Stream pipe)
    {
        using var limit = new CancellationTokenSource(LongestDying, time);
        var rest = new byte[4096];
        try
        {
            while (await pipe.ReadAsync(rest, limit.Token) > 0)
            {
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Stuck in the kernel, on a dead disk for example: killed it is all the same.
            return;
        }
    }
}
