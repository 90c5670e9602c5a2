namespace DevOps.Tests.Chaos;

/// <summary>Programs that stand in the servers' PATH before the real ones and knock at a door first: uploads, switches and pruning have no command of the project's own.</summary>
internal static class FaultTools
{
    /// <summary>Writes them.</summary>
    /// <returns>Their folder.</returns>
    public static string Write(string folder, Uri gates)
    {
        Directory.CreateDirectory(folder);
        WriteOne(folder, "tar", $"curl -sf -o /dev/null {gates}upload </dev/null");
        WriteOne(folder, "mv", $"case \"$*\" in *current.tmp*) curl -sf -o /dev/null {gates}activate </dev/null ;; esac");
        WriteOne(folder, "sort", $"curl -sf -o /dev/null {gates}cleanup </dev/null");
        return folder;
    }

    private static void WriteOne(string folder, string name, string first)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, $"#!/bin/sh\n{first}\nPATH=/usr/bin:/bin\nexec {name} \"$@\"\n");
        File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32("755", 8));
    }
}
