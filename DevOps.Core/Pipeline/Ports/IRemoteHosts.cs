using DevOps.Core.Logs;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Releases;
using DevOps.Core.Servers;

namespace DevOps.Core.Pipeline.Ports;

/// <summary>Reaches servers over SSH. Connections are kept and shared; safe for several callers at once.
/// Nothing is sent to a server whose key is not the pinned one.</summary>
public interface IRemoteHosts
{
    /// <summary>Gives a server one can work on. The connection is opened on first use, checked before use, reopened when broken.</summary>
    IRemoteHost Get(ServerAccess server);

    /// <summary>Asks a server for its host keys without signing in.</summary>
    /// <exception cref="HostUnreachable">It does not answer.</exception>
    Task<IReadOnlyList<ScannedHostKey>> ScanHostKeysAsync(string host, int port, CancellationToken cancellationToken);
}

/// <summary>One server. Calls may overlap.</summary>
public interface IRemoteHost
{
    /// <summary>Runs a command under <c>/bin/sh</c> and waits for its end. Cancelling or running out of time ends the remote process too, not only the wait.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="output">Where its output goes; null to keep it in the result (the last 64 KiB of each stream) only.</param>
    /// <param name="cancellationToken">Ends the remote process.</param>
    /// <returns>Its exit code; one that is not 0 is a result, not an exception.</returns>
    /// <exception cref="HostUnreachable">The connection could not be opened or broke before the exit code arrived: what happened on the server is unknown.</exception>
    /// <exception cref="HostKeyChanged">The server shows another key than the pinned one; nothing was sent.</exception>
    Task<RemoteExit> RunAsync(RemoteCommand command, ILogOutput? output, CancellationToken cancellationToken);

    /// <summary>Puts a release into its folder on the server, sending only what the newest release there lacks, and proves by checksums that it is whole.
    /// Repeatable: a whole release that is already there is found by its mark and left alone; half of one is replaced.</summary>
    /// <exception cref="StepFailure">No room, no rights, or checksums that differ after a full upload.</exception>
    /// <exception cref="HostUnreachable">The connection broke.</exception>
    /// <exception cref="HostKeyChanged">The server shows another key than the pinned one.</exception>
    Task<UploadResult> UploadAsync(ReleaseUpload upload, ILogOutput output, CancellationToken cancellationToken);
}

/// <summary>How a remote command ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Last 64 KiB of standard output, when no log output was given.</param>
/// <param name="Error">Last 64 KiB of standard error, when no log output was given.</param>
/// <param name="TimedOut">Whether it was ended for its time limit (the exit code is then 124).</param>
public sealed record RemoteExit(int ExitCode, string Output, string Error, bool TimedOut);

/// <summary>A release on its way to a server.</summary>
public sealed record ReleaseUpload
{
    /// <summary>The project's folder on the server, absolute.</summary>
    public required string Path { get; init; }

    /// <summary>Owner of the release.</summary>
    public required long ProjectId { get; init; }

    /// <summary>Number of the release.</summary>
    public required int Number { get; init; }

    /// <summary>What it holds.</summary>
    public required Manifest Manifest { get; init; }

    /// <summary>Number and manifest of a release that is believed to be whole on the server, to begin from; null when none is known.</summary>
    public (int Number, Manifest Manifest)? Base { get; init; }

    /// <summary>Paths linked from <c>{path}/shared</c>; one that ends with <c>/</c> is a folder.</summary>
    public IReadOnlyList<string> Shared { get; init; } = [];

    /// <summary>Files written with mode 0600 into the release: relative path to content.</summary>
    public IReadOnlyDictionary<string, Secrets.Sensitive> Files { get; init; } = new Dictionary<string, Secrets.Sensitive>();

    /// <summary>Whether every file is compared on the server, not only those that were sent.</summary>
    public bool VerifyAll { get; init; }
}

/// <summary>What an upload did.</summary>
/// <param name="AlreadyThere">The release was whole already.</param>
/// <param name="FilesSent">Number of files in the stream.</param>
/// <param name="BytesSent">Length of the stream, in bytes.</param>
/// <param name="FilesLinked">Number of files taken over from the base.</param>
public sealed record UploadResult(bool AlreadyThere, int FilesSent, long BytesSent, int FilesLinked);
