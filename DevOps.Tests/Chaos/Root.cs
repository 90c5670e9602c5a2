using System.Diagnostics;

namespace DevOps.Tests.Chaos;

/// <summary>What only root may do.</summary>
internal static class Root
{
    public static async Task RunAsync(params string[] words)
    {
        string[] all = Environment.IsPrivilegedProcess ? words : ["sudo", "-n", .. words];
        using var process = Process.Start(new ProcessStartInfo(all[0], all.Skip(1)) { RedirectStandardError = true, UseShellExecute = false })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', words)}: {error}");
    }
}
