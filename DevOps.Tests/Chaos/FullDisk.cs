using System.Diagnostics;

namespace DevOps.Tests.Chaos;

/// <summary>A very small disk in the place of a folder.</summary>
internal static class FullDisk
{
    public static Task MountAsync(string folder) => RunAsync("mount", "-t", "tmpfs", "-o", $"size=1m,mode=777", "tmpfs", folder);

    public static Task UnmountAsync(string folder) => RunAsync("umount", "-l", folder);

    private static async Task RunAsync(params string[] words)
    {
        string[] all = Environment.IsPrivilegedProcess ? words : ["sudo", "-n", .. words];
        using var process = Process.Start(new ProcessStartInfo(all[0], all.Skip(1)) { RedirectStandardError = true, UseShellExecute = false })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', words)}: {error}");
    }
}
