namespace DevOps.Tests.Chaos;

/// <summary>A very small disk in the place of a folder.</summary>
internal static class FullDisk
{
    public static Task MountAsync(string folder) => Root.RunAsync("mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", folder);

    public static Task UnmountAsync(string folder) => Root.RunAsync("umount", "-l", folder);
}
