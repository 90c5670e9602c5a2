using System.Globalization;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Finds out whether a server can be deployed to. What goes wrong is part of the answer, not an exception.</summary>
public sealed class ServerProbe(IRemoteHosts hosts, TimeProvider time)
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Signs in and looks around.</summary>
    /// <param name="server">The server.</param>
    /// <param name="paths">Where projects are deployed to, absolute and without placeholders; none: the home folder is looked at.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public async Task<ServerCheck> CheckAsync(ServerAccess server, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        try
        {
            var host = hosts.Get(server);
            await host.RunAsync(Command(":"), null, cancellationToken);
            var before = time.GetTimestamp();
            await host.RunAsync(Command(":"), null, cancellationToken);
            var latency = time.GetElapsedTime(before);
            var exit = await host.RunAsync(Command(Script(paths)), null, cancellationToken);
            return exit.ExitCode == 0
                ? Read(exit.Output, latency)
                : new ServerCheck { Reachable = true, LatencyMs = latency.TotalMilliseconds, Error = exit.TimedOut ? Sentence.Of("The check took too long: a disk may hang.") : $"The check failed: {exit.Error.Trim()}" };
        }
        catch (HostKeyChanged changed)
        {
            return new ServerCheck { Reachable = false, Error = changed.Said, PinnedFingerprint = changed.Pinned, PresentedFingerprint = changed.Presented };
        }
        catch (StepFailure failure)
        {
            return new ServerCheck { Reachable = false, Error = failure.Said };
        }
    }

    private static RemoteCommand Command(string script) => new() { Script = script, Timeout = CommandTimeout };

    private static string Script(IReadOnlyList<string> paths) => $$"""
        echo "now=$(date +%s.%N)"
        echo "system=$(name=$(uname -s); [ ! -r /etc/os-release ] || { . /etc/os-release; name=${PRETTY_NAME:-$name}; }; printf '%s · %s' "$name" "$(uname -srm)")"
        echo "shell=${SHELL:-}"
        for tool in sh tar cp mv ln sha256sum find readlink; do command -v "$tool" >/dev/null 2>&1 || echo "missing=$tool"; done
        for path in {{(paths.Count == 0 ? "\"$HOME\"" : ShellQuote.Words(paths))}}; do
        while [ ! -e "$path" ]; do path=${path%/*}; path=${path:-/}; done
        if [ -d "$path" ] && [ -w "$path" ]; then echo writable=yes; else echo "unwritable=$path"; fi
        df -Pk -- "$path" 2>/dev/null | while read -r device blocks used free rest; do echo "disk=$free"; done || :
        done
        if [ -r /proc/loadavg ]; then read -r load rest < /proc/loadavg; echo "load=$load"; fi
        if [ -r /proc/meminfo ]; then while read -r name value rest; do case $name in MemAvailable:) echo "memory=$value" ;; esac; done < /proc/meminfo; fi
        """;

    private ServerCheck Read(string output, TimeSpan latency)
    {
        var facts = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .ToLookup(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
        var missing = facts["missing"].ToList();
        var unwritable = facts["unwritable"].ToList();
        var disks = facts["disk"].Select(Number).OfType<double>().ToList();
        return new ServerCheck
        {
            Reachable = true,
            LatencyMs = Math.Round(latency.TotalMilliseconds, 1),
            System = facts["system"].FirstOrDefault(),
            Shell = facts["shell"].FirstOrDefault(),
            MissingTools = missing,
            PathWritable = facts.Contains("writable") || unwritable.Count > 0 ? unwritable.Count == 0 : null,
            ClockSkewSeconds = Skew(facts["now"].FirstOrDefault(), latency),
            DiskFreeBytes = disks.Count > 0 ? (long)disks.Min() * 1024 : null,
            Load1 = Number(facts["load"].FirstOrDefault()),
            MemoryFreeBytes = Number(facts["memory"].FirstOrDefault()) is { } memory ? (long)memory * 1024 : null,
            Error = Advice(missing, unwritable),
        };
    }

    // The server's clock was read about half a round trip ago. Where it gives whole seconds only, the middle of the second is meant.
    private double? Skew(string? now, TimeSpan latency)
    {
        var whole = now?.Split('.')[0];
        var server = Number(now) ?? (Number(whole) + 0.5);
        var here = (time.GetUtcNow() - DateTimeOffset.UnixEpoch - (latency / 2)).TotalSeconds;
        return server is { } there ? Math.Round(there - here, 1) : null;
    }

    private static Sentence? Advice(List<string> missing, List<string> unwritable) =>
        missing.Count > 0 ? $"Install what is missing on the server: {string.Join(", ", missing)}."
        : unwritable.Count > 0 ? Sentence.Of($"The user may not write to {string.Join(", ", unwritable)}. Give the folder to this user, or deploy to another path.")
        : null;

    private static double? Number(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
