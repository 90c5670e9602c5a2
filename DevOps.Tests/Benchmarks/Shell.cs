using System.Diagnostics;

namespace DevOps.Tests.Benchmarks;

/// <summary>What a user would type instead.</summary>
internal static class Shell
{
    /// <summary>Runs a script under bash with pipefail.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", "set -euo pipefail; " + script]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{script}: {await error}");
    }

    /// <summary>Whether a program is installed.</summary>
    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
