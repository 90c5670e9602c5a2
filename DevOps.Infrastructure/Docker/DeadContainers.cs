using DevOps.Core.Pipeline.Ports;

namespace DevOps.Infrastructure.Docker;

/// <summary>Housekeeping: removes containers of deployments that no longer run. Touches only what this installation labelled.</summary>
public sealed class DeadContainers(IContainerEngine engine)
{
    /// <summary>Removes them. Repeatable.</summary>
    /// <param name="findAlive">Says which of the given deployments are running. It is asked only after the containers were listed,
    /// so that one that starts in between is not mistaken for a dead one.</param>
    /// <param name="cancellationToken">Ends the work between two containers.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="DevOps.Core.Pipeline.EngineUnavailable">The engine is away.</exception>
    public async Task<int> RemoveAsync(Func<IReadOnlyList<long>, CancellationToken, Task<IReadOnlySet<long>>> findAlive, CancellationToken cancellationToken)
    {
        var labelled = await engine.ListDeploymentsAsync(cancellationToken);
        if (labelled.Count == 0)
        {
            return 0;
        }

        var alive = await findAlive(labelled, cancellationToken);
        var removed = 0;
        foreach (var id in labelled.Where(id => !alive.Contains(id)))
        {
            removed += await engine.RemoveLeftoversAsync(id, cancellationToken);
        }

        return removed;
    }
}
