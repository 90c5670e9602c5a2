using System.Collections.Concurrent;
using DevOps.Core.Logs;

namespace DevOps.Infrastructure.Git;

/// <summary>One caller at a time per mirror: within this process by a semaphore, between processes by a locked file, which a crash sets free.</summary>
internal sealed class MirrorLocks(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal);

    /// <summary>Waits for its turn.</summary>
    public async Task<IDisposable> TakeAsync(string mirror, ILogOutput? output, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(mirror, _ => new SemaphoreSlim(1, 1));
        if (!await gate.WaitAsync(0, cancellationToken))
        {
            await SayWaitingAsync(output, cancellationToken);
            await gate.WaitAsync(cancellationToken);
        }

        try
        {
            return new Turn(gate, await OpenFileAsync(mirror + ".lock", output, cancellationToken));
        }
        catch
        {
            gate.Release();
            throw;
        }
    }

    private async Task<FileStream> OpenFileAsync(string file, ILogOutput? output, CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(file))
            {
                if (isFirst)
                {
                    await SayWaitingAsync(output, cancellationToken);
                }

                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private static async ValueTask SayWaitingAsync(ILogOutput? output, CancellationToken cancellationToken)
    {
        if (output is not null)
        {
            await output.SayAsync("Waiting: another deployment reads this repository.", cancellationToken);
        }
    }

    private sealed class Turn(SemaphoreSlim gate, FileStream file) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            gate.Release();
        }
    }
}
