using DevOps.Core.Servers;

namespace DevOps.Core.Environments;

/// <summary>Which servers belong to an environment.</summary>
public static class EnvironmentServers
{
    /// <summary>The servers it names, in its order, then those that bear one of its tags, by name.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="servers">All servers.</param>
    public static IReadOnlyList<Server> Of(DeploymentEnvironment environment, IReadOnlyCollection<Server> servers)
    {
        var named = environment.Servers.Select(name => servers.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.Ordinal))).OfType<Server>();
        var tagged = servers.Where(s => s.Tags.Exists(environment.ServerTags.Contains)).OrderBy(s => s.Name, StringComparer.Ordinal);
        return [.. named.Concat(tagged).DistinctBy(s => s.Id)];
    }
}
