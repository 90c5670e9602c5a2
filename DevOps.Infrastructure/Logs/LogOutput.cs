using System.Text;
using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Logs;

/// <summary>The output of one step on one server: bytes in, masked and numbered lines out.</summary>
internal sealed class LogOutput(DeploymentLog log, LogSource source, SecretMasker masker) : ILogOutput, IDisposable
{
    // Bounds what one accepted block holds, and with it the buffer.
    private const int SliceBytes = 8 * 1024;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly LineSplitter _out = new(masker);
    private readonly LineSplitter _err = new(masker);
    private readonly LineSplitter _system = new(masker);

    public async ValueTask WriteAsync(LogStream stream, ReadOnlyMemory<byte> utf8, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var splitter = stream == LogStream.Err ? _err : _out;
            for (; utf8.Length > 0; utf8 = utf8[Math.Min(SliceBytes, utf8.Length)..])
            {
                var lines = new List<string>();
                splitter.Write(utf8.Span[..Math.Min(SliceBytes, utf8.Length)], lines);
                await AcceptAsync(stream, lines, cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask SayAsync(string text, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var lines = new List<string>();
            _system.Write(Encoding.UTF8.GetBytes(text), lines);
            _system.End(lines);
            await AcceptAsync(LogStream.System, lines, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Makes lines of what was left without a line end.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await EndAsync(LogStream.Out, _out, cancellationToken);
            await EndAsync(LogStream.Err, _err, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async ValueTask EndAsync(LogStream stream, LineSplitter splitter, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        splitter.End(lines);
        await AcceptAsync(stream, lines, cancellationToken);
    }

    private ValueTask AcceptAsync(LogStream stream, List<string> lines, CancellationToken cancellationToken) =>
        lines.Count == 0 ? ValueTask.CompletedTask : log.AcceptAsync(source, stream, lines, cancellationToken);
}
