using System.Net.Sockets;
using DevOps.Core.Pipeline;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Runs programs on one server over its kept connection, and opens another one when that broke.</summary>
internal sealed class RemoteShell(ServerAccess server, SshConnections connections)
{
    /// <summary>Runs a program and gives its exit code.</summary>
    /// <param name="program">What to run.</param>
    /// <param name="io">Its outputs and data.</param>
    /// <param name="timeout">Time limit, counted from when the connection stands.</param>
    /// <param name="cancellationToken">Ends the remote processes.</param>
    /// <returns>The exit code, or null when the time was up.</returns>
    public async Task<int?> RunAsync(RemoteProgram program, SessionIo io, TimeSpan timeout, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            using var lease = await connections.Connection(server).LeaseAsync(cancellationToken);
            using var limit = new CancellationTokenSource(timeout, connections.Time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            SessionEnd end;
            try
            {
                end = await RemoteSession.RunAsync(lease.Master, program, io, connections.Options, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return null;
            }

            if (end.ExitCode is { } code)
            {
                return code;
            }

            if (end.Began || tries > 1 || await AnswersAsync(lease.Master, cancellationToken))
            {
                throw Lost(end);
            }

            await lease.Master.DisposeAsync();
        }
    }

    private StepFailure Lost(SessionEnd end) => end switch
    {
        { Began: false } => new HostUnreachable(server.Name, "it allows no further session. Raise MaxSessions in its sshd_config to 10 or more."),
        { ClientExitCode: 255 } => new HostUnreachable(server.Name, "the connection broke before the command's end was known. Look at the server before you try again."),
        _ => new StepFailure($"{server.Name}: {server.User} cannot run commands there. Give this user a login shell such as /bin/sh, and no forced command.", end.ClientExitCode),
    };

    private static async Task<bool> AnswersAsync(SshMaster master, CancellationToken cancellationToken)
    {
        if (!master.IsAlive)
        {
            return false;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(master.Folder, "s")), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            // Nobody listens: the process is about to end.
            return false;
        }
    }
}
