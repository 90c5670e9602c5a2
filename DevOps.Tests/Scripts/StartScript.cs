using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DevOps.Tests.Scripts;

/// <summary>A run of <c>start.sh</c> with a data folder and a port of its own.</summary>
public sealed class StartScript : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly Lock _gate = new();
    private readonly List<(string Word, TaskCompletionSource Seen)> _waits = [];

    private StartScript(Process process) => _process = process;

    /// <summary>All it said.</summary>
    public string Said
    {
        get
        {
            lock (_gate)
            {
                return _said.ToString();
            }
        }
    }

    /// <summary>Folder of the repository that the tests were built from.</summary>
    public static string Root { get; } = FindRoot();

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts it.</summary>
    public static StartScript Run(IReadOnlyDictionary<string, string> variables, params string[] words)
    {
        // As from a script that starts it with "&".
        var start = new ProcessStartInfo("sh", ["-c", "trap '' INT; exec \"$0\" \"$@\"", Path.Combine(Root, "start.sh"), .. words])
        {
            WorkingDirectory = Path.GetTempPath(),
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var script = new StartScript(Process.Start(start)!);
        script._process.OutputDataReceived += (_, line) => script.Hear(line.Data);
        script._process.ErrorDataReceived += (_, line) => script.Hear(line.Data);
        script._process.BeginOutputReadLine();
        script._process.BeginErrorReadLine();
        return script;
    }

    /// <summary>Waits until it says a word.</summary>
    public async Task HearAsync(string word, TimeSpan patience)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_said.ToString().Contains(word, StringComparison.Ordinal))
            {
                return;
            }

            _waits.Add((word, seen));
        }

        var first = await Task.WhenAny(seen.Task, _process.WaitForExitAsync(), Task.Delay(patience));
        Assert.True(first == seen.Task, $"start.sh did not say '{word}'. It said:\n{Said}");
    }

    /// <summary>Asks it to stop and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        return await EndAsync();
    }

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync()
    {
        var ended = _process.WaitForExitAsync();
        Assert.True(ended == await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMinutes(2))), $"start.sh does not end. It said:\n{Said}\nThere is:\n{await ListProcessesAsync()}");
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await StopAsync("TERM");
        }

        _process.Dispose();
    }

    private static async Task<string> ListProcessesAsync()
    {
        using var list = Process.Start(new ProcessStartInfo("ps", ["-eo", "pid,ppid,stat,etime,args", "--forest"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return await list.StandardOutput.ReadToEndAsync();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            _said.AppendLine(line);
            foreach (var wait in _waits.Where(w => line.Contains(w.Word, StringComparison.Ordinal)))
            {
                wait.Seen.TrySetResult();
            }
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "deploy.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The repository was not found above the tests.");
    }
}
