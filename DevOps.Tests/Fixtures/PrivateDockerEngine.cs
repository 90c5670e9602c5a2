using System.Diagnostics;
using DevOps.Core.Pipeline;
using DevOps.Infrastructure.Docker;

namespace DevOps.Tests.Fixtures;

/// <summary>A Docker engine of the test run's own: data, socket and pid file in a temporary folder, no bridge and no firewall rules, so that it meets no other engine on the machine.
/// It ends with its input: when the tests end, and also when their process is killed.</summary>
public sealed class PrivateDockerEngine
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    // Mounts that an interrupted engine leaves would make the folder undeletable.
    private const string Guard = """
        trap '' INT
        engine=$1; folder=$2; group=$3
        start() {
          "$engine" --data-root "$folder/data" --exec-root "$folder/exec" -H "unix://$folder/s" -p "$folder/pid" -G "$group" \
            --bridge=none --iptables=false --ip6tables=false >>"$folder/log" 2>&1 &
        }
        stop() { kill "$!"; wait "$!"; }
        start
        while read -r _; do stop; start; done
        stop
        awk -v f="$folder/" 'index($2, f) == 1 { print $2 }' /proc/mounts | sort -r | while read -r m; do umount -l "$m"; done
        rm -rf "$folder"
        """;

    private readonly Process _process;
    private readonly string _folder;

    private PrivateDockerEngine(Process process, string folder)
    {
        _process = process;
        _folder = folder;
    }

    /// <summary>Value for <c>DOCKER_HOST</c>.</summary>
    public string Host => $"unix://{_folder}/s";

    /// <summary>Starts an engine and waits until it answers.</summary>
    public static async Task<PrivateDockerEngine> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("dk").FullName;
        var group = await ReadAsync("id", "-g");
        var start = new ProcessStartInfo(Environment.IsPrivilegedProcess ? "sh" : "sudo") { UseShellExecute = false, RedirectStandardInput = true };
        string[] words = [.. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["-n", "sh"], "-c", Guard, "guard", FindEngine(), folder, group];
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        var engine = new PrivateDockerEngine(Process.Start(start)!, folder);
        try
        {
            await engine.WaitAsync();
            return engine;
        }
        catch
        {
            await engine.StopAsync();
            throw;
        }
    }

    /// <summary>Stops the engine with all that runs on it, and starts it again.</summary>
    public async Task RestartAsync()
    {
        var before = await File.ReadAllTextAsync(PidFile);
        await _process.StandardInput.WriteLineAsync("again");
        await _process.StandardInput.FlushAsync();
        await WaitAsync(before);
    }

    /// <summary>Stops the engine and removes all it had.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private string PidFile => Path.Combine(_folder, "pid");

    private async Task WaitAsync(string? before = null)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        using var connection = new DockerConnection(new DockerOptions { Host = Host }, TimeProvider.System);
        while (true)
        {
            try
            {
                await connection.OpenAsync(limit.Token);
                if (before is null || !string.Equals(before, await File.ReadAllTextAsync(PidFile, limit.Token), StringComparison.Ordinal))
                {
                    return;
                }

                await Task.Delay(50, limit.Token);
            }
            catch (EngineUnavailable e) when (limit.IsCancellationRequested || _process.HasExited)
            {
                var log = Path.Combine(_folder, "log");
                throw new InvalidOperationException($"dockerd does not start: {(File.Exists(log) ? await File.ReadAllTextAsync(log) : "")}", e);
            }
            catch (Exception e) when (e is EngineUnavailable or IOException)
            {
                // dockerd has no way to tell that it is ready other than to answer.
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private static string FindEngine() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin", "/usr/local/bin"])
            .Select(f => Path.Combine(f, "dockerd"))
            .FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("dockerd is not installed (Debian package docker.io), and DEVOPS_TEST_DOCKER_HOST names no engine");

    private static async Task<string> ReadAsync(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text.Trim();
    }
}
