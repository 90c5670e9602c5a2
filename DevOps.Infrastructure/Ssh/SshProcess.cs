using System.ComponentModel;
using System.Diagnostics;
using DevOps.Core.Pipeline;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Starts OpenSSH's tools with an argument list and nothing of our environment.</summary>
internal static class SshProcess
{
    /// <summary>Starts a program with only the given environment.</summary>
    /// <exception cref="StepFailure">The program is not installed.</exception>
    public static Process Start(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
        start.Environment["LC_ALL"] = "C";
        start.Environment["SHELL"] = "/bin/sh";
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
            throw new StepFailure($"{program} cannot be started ({e.Message}). Install OpenSSH's client (package openssh-client) where the platform runs.", null, e);
        }
    }

    /// <summary>Ends a process if it still runs.</summary>
    public static void Kill(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
    }
}
