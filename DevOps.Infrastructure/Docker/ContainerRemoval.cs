using System.Net;
using System.Threading.Channels;
using DevOps.Core.Pipeline;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Docker;

/// <summary>Removes containers, and does not forget those that the engine was away for, or would not remove at once: the mount of a container that was killed
/// with its engine is busy for a while, sometimes for good. Those are asked for again; what is refused again and again is left to housekeeping's rounds.</summary>
public sealed class ContainerRemoval(DockerConnection connection, TimeProvider time, ILogger<ContainerRemoval> log) : BackgroundService
{
    private const int MostRefusals = 8;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private readonly Channel<string> _left = Channel.CreateUnbounded<string>();

    /// <summary>Removes a container, and kills what runs in it. One that the engine refuses to remove is tried again later.</summary>
    /// <param name="container">Its id or name.</param>
    /// <param name="cancellationToken">Ends the waiting for the engine's answer.</param>
    /// <returns>Whether it is gone.</returns>
    /// <exception cref="EngineUnavailable">The engine is away.</exception>
    public async Task<bool> RemoveAsync(string container, CancellationToken cancellationToken)
    {
        if (await AskAsync(container, cancellationToken) is not { } refusal)
        {
            return true;
        }

        Later(container, refusal);
        return false;
    }

    /// <summary>Removes the container of a run that is over, now or, when the engine is away or refuses, later. Not to be cancelled.</summary>
    public async Task RemoveInTheEndAsync(string container)
    {
        try
        {
            await RemoveAsync(container, CancellationToken.None);
        }
        catch (EngineUnavailable away)
        {
            Later(container, away);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var refusals = new Dictionary<string, int>(StringComparer.Ordinal);
        while (refusals.Count > 0 || await _left.Reader.WaitToReadAsync(stoppingToken))
        {
            await Task.Delay(Pause, time, stoppingToken);
            while (_left.Reader.TryRead(out var container))
            {
                refusals.TryAdd(container, 0);
            }

            await AskForAllAsync(refusals, stoppingToken);
        }
    }

    private async Task AskForAllAsync(Dictionary<string, int> refusals, CancellationToken cancellationToken)
    {
        foreach (var (container, before) in refusals.ToList())
        {
            try
            {
                var refusal = await AskAsync(container, cancellationToken);
                refusals[container] = before + 1;
                if (refusal is null)
                {
                    refusals.Remove(container);
                    log.LogInformation("The container {Container} is removed now", container);
                }
                else if (before + 1 == MostRefusals)
                {
                    refusals.Remove(container);
                    log.LogWarning("The engine goes on refusing to remove the container {Container}: {Reason}. Housekeeping asks again", container, refusal.Message);
                }
            }
            catch (EngineUnavailable)
            {
                // The others would not be heard either.
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogError(exception, "The container {Container} could not be asked for again; it is tried later", container);
                return;
            }
        }
    }

    private void Later(string container, Exception reason)
    {
        log.LogWarning("The container {Container} is not removed yet: {Reason}. It is tried again", container, reason.Message.TrimEnd('.'));
        _left.Writer.TryWrite(container);
    }

    private async Task<EngineRefusal?> AskAsync(string container, CancellationToken cancellationToken)
    {
        try
        {
            await connection.TellAsync(new EngineCall(HttpMethod.Delete, $"/containers/{container}?force=1&v=1") { Limit = Limit }, cancellationToken);
            return null;
        }
        catch (EngineRefusal refusal)
        {
            return refusal.Status is HttpStatusCode.NotFound ? null : refusal;
        }
    }
}
