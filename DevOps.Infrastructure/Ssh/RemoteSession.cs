using System.Diagnostics;
using System.Text;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Takes bytes of an output as they come.</summary>
internal delegate ValueTask OutputSink(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

/// <summary>What a session reads and writes besides its program.</summary>
/// <param name="Out">Takes standard output.</param>
/// <param name="Error">Takes standard error.</param>
/// <param name="Data">Writes what follows the program, or null to keep standard input open as the command's lifeline.</param>
internal sealed record SessionIo(OutputSink Out, OutputSink Error, Func<Stream, CancellationToken, Task>? Data = null);

/// <summary>How a session ended.</summary>
/// <param name="ExitCode">The program's own exit code; null when it did not arrive.</param>
/// <param name="ClientExitCode">Exit code of the local ssh.</param>
/// <param name="Began">False when there was no connection to share, so that nothing was sent.</param>
internal sealed record SessionEnd(int? ExitCode, int ClientExitCode, bool Began);

/// <summary>One program on its way over an open connection, with a local ssh as its client.</summary>
internal sealed class RemoteSession : IDisposable
{
    // A process that a command left behind may hold the outputs open for ever; the exit code was read, so nothing is missing.
    private static readonly TimeSpan ExitGrace = TimeSpan.FromSeconds(1);
    private static readonly byte[] NoMaster = Encoding.ASCII.GetBytes(SshConfig.NoMaster);

    private readonly Process _client;
    private readonly RemoteProgram _program;
    private readonly SessionIo _io;
    private readonly SshOptions _options;
    private readonly ProgramOutput _out;
    private readonly ProgramOutput _error;
    private bool _began = true;

    private RemoteSession(SshMaster master, RemoteProgram program, SessionIo io, SshOptions options)
    {
        _program = program;
        _io = io;
        _options = options;
        _out = new ProgramOutput(program.Marker);
        _error = new ProgramOutput(program.Marker);
        _client = SshProcess.Start("ssh", ["-F", Path.Combine(master.Folder, "use"), SshConfig.Alias, RemoteProgram.Bootstrap]);
    }

    /// <summary>Runs the program to its end.</summary>
    /// <exception cref="OperationCanceledException">It was stopped, and its processes on the server with it.</exception>
    public static async Task<SessionEnd> RunAsync(SshMaster master, RemoteProgram program, SessionIo io, SshOptions options, CancellationToken stop)
    {
        using var session = new RemoteSession(master, program, io, options);
        return await session.RunAsync(stop);
    }

    public void Dispose()
    {
        SshProcess.Kill(_client);
        _client.Dispose();
    }

    private async Task<SessionEnd> RunAsync(CancellationToken stop)
    {
        using var abandon = new CancellationTokenSource();
        var output = PumpAsync(_client.StandardOutput.BaseStream, _out, _io.Out, abandon.Token);
        var error = PumpAsync(_client.StandardError.BaseStream, _error, _io.Error, abandon.Token);
        var input = WriteAsync(abandon.Token);
        try
        {
            await BothAsync(output, error).WaitAsync(stop);
            await WaitForClientAsync(ExitGrace);
        }
        catch
        {
            // Stopped, or the reader of an output failed: nobody waits for the rest.
            await StopAsync(Task.WhenAll(output, error));
            throw;
        }
        finally
        {
            await abandon.CancelAsync();
            SshProcess.Kill(_client);
            await input.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (input.IsFaulted)
        {
            // What was to be sent failed here: whatever the other side makes of half of it is a consequence.
            await input;
        }

        await _client.WaitForExitAsync(CancellationToken.None);
        return new SessionEnd(_out.ExitCode ?? _error.ExitCode, _client.ExitCode, _began);
    }

    private static async Task BothAsync(Task output, Task error)
    {
        await await Task.WhenAny(output, error);
        await Task.WhenAll(output, error);
    }

    // The closed input ends the processes on the server; the wait gives them the time that the remote side grants them.
    private async Task StopAsync(Task outputs)
    {
        if (_io.Data is null)
        {
            _client.StandardInput.Close();
        }
        else
        {
            SshProcess.Kill(_client);
        }

        await ((Task)Task.WhenAny(outputs, Task.Delay(_options.StopTimeout))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        var stream = _client.StandardInput.BaseStream;
        try
        {
            await stream.WriteAsync(_program.Bytes, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            if (_io.Data is not null)
            {
                await _io.Data(stream, cancellationToken);
            }
        }
        catch (IOException)
        {
            // The other side closed its input: how it ended says why, and is what the caller gets.
            return;
        }
        finally
        {
            if (_io.Data is not null)
            {
                await stream.DisposeAsync();
            }
        }
    }

    private async Task PumpAsync(Stream stream, ProgramOutput program, OutputSink sink, CancellationToken cancellationToken)
    {
        var buffer = new byte[32 * 1024];
        for (var read = await stream.ReadAsync(buffer, cancellationToken); read > 0 && program.ExitCode is null; read = await stream.ReadAsync(buffer, cancellationToken))
        {
            var bytes = program.Feed(buffer.AsMemory(0, read));
            if (!bytes.IsEmpty)
            {
                await sink(bytes, cancellationToken);
            }

            if (program.ExitCode is not null)
            {
                return;
            }
        }

        if (program.Rest().Span.IndexOf(NoMaster) >= 0)
        {
            _began = false;
        }
        else if (!program.Rest().IsEmpty)
        {
            await sink(program.Rest(), cancellationToken);
        }
    }

    private async Task WaitForClientAsync(TimeSpan grace)
    {
        using var limit = new CancellationTokenSource(grace);
        await _client.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
