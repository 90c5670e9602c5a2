using DevOps.Core.Logs;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Ssh;

/// <summary>One server, worked on over its kept OpenSSH connection.</summary>
internal sealed class OpenSshHost(ServerAccess server, SshConnections connections, IArtifactStore artifacts, ByteBudget budget) : IRemoteHost
{
    private const int KeptOutput = 64 * 1024;
    private const int TimeoutExitCode = 124;
    private readonly RemoteShell _shell = new(server, connections);

    public async Task<RemoteExit> RunAsync(RemoteCommand command, ILogOutput? output, CancellationToken cancellationToken)
    {
        var kept = new Tail(KeptOutput);
        var keptError = new Tail(KeptOutput);
        var io = output is null
            ? new SessionIo(Keep(kept), Keep(keptError))
            : new SessionIo((bytes, token) => output.WriteAsync(LogStream.Out, bytes, token), (bytes, token) => output.WriteAsync(LogStream.Err, bytes, token));
        var code = await _shell.RunAsync(RemoteProgram.ForCommand(command), io, command.Timeout, cancellationToken);
        return new RemoteExit(code ?? TimeoutExitCode, kept.ToString(), keptError.ToString(), TimedOut: code is null);
    }

    public Task<UploadResult> UploadAsync(ReleaseUpload upload, ILogOutput output, CancellationToken cancellationToken) =>
        new ReleaseTransfer(new TransferSession(_shell, budget, server.Name), artifacts, upload, output).RunAsync(cancellationToken);

    private static OutputSink Keep(Tail tail) => (bytes, _) =>
    {
        tail.Add(bytes.Span);
        return ValueTask.CompletedTask;
    };
}
