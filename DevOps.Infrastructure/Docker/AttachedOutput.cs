using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Docker;

/// <summary>A container's output, from before its start to its end.</summary>
public sealed class AttachedOutput(EngineStream stream, ILogOutput output, TimeProvider time, CancellationToken cancellationToken) : IAsyncDisposable
{
    // The engine was asked and the container is gone: what is still on its way arrives within moments, unless the engine forgot to end the stream.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly Demultiplexer _frames = new();
    private volatile bool _waiting;
    private long _reads;

    /// <summary>Hands the output over until the engine ends it. A full log makes this wait, and with it the container.</summary>
    public async Task CopyAsync()
    {
        var buffer = new byte[1 << 16];
        while (await ReadAsync(buffer) is var count and > 0)
        {
            foreach (var (name, payload) in _frames.Take(buffer.AsMemory(0, count)))
            {
                await output.WriteAsync(name, payload, cancellationToken);
            }
        }
    }

    /// <summary>Waits for the end of the output of a container that has ended; gives up when nothing more comes and no end either.</summary>
    /// <returns>Whether the end was seen.</returns>
    public async Task<bool> EndAsync(Task copy)
    {
        while (!copy.IsCompleted)
        {
            var seen = Interlocked.Read(ref _reads);
            await Task.WhenAny(copy, Task.Delay(Quiet, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (!copy.IsCompleted && _waiting && seen == Interlocked.Read(ref _reads))
            {
                await _giveUp.CancelAsync();
                break;
            }
        }

        await copy;
        return !_giveUp.IsCancellationRequested && _frames.AtFrameEnd;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _giveUp.CancelAsync();
        await stream.DisposeAsync();
        _giveUp.Dispose();
    }

    private async Task<int> ReadAsync(byte[] buffer)
    {
        _waiting = true;
        try
        {
            return await stream.ReadAsync(buffer, _giveUp.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            _waiting = false;
            Interlocked.Increment(ref _reads);
        }
    }
}
