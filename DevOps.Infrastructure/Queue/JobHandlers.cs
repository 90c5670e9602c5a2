namespace DevOps.Infrastructure.Queue;

/// <summary>Kind to handler. A worker takes only kinds it knows, so that processes of two versions can share one queue.</summary>
public sealed class JobHandlers(IEnumerable<IJobHandler> handlers)
{
    private readonly Dictionary<string, IJobHandler> _byKind = handlers.ToDictionary(h => h.Kind, StringComparer.Ordinal);

    /// <summary>The kinds that can be done here: errands, or what takes a runner.</summary>
    public IReadOnlyCollection<string> Kinds(bool errands) => [.. _byKind.Values.Where(h => h.IsErrand == errands).Select(h => h.Kind)];

    /// <summary>Who does it.</summary>
    public IJobHandler For(string kind) => _byKind[kind];
}
