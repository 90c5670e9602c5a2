using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Deployments;

/// <summary>Chooses the servers of a new deployment.</summary>
internal static class DeploymentTargets
{
    private static readonly Func<DevOpsDbContext, long, List<string>, List<string>, IAsyncEnumerable<DeploymentTarget>> Candidates = EF.CompileAsyncQuery(
        (DevOpsDbContext db, long environment, List<string> names, List<string> tags) => db.ServersOf(names, tags).AsNoTracking()
            .Select(s => new DeploymentTarget(s, db.Applications.Where(a => a.EnvironmentId == environment && a.ServerId == s.Id).Select(a => (int?)a.Release).FirstOrDefault())));

    /// <summary>The environment's servers, or those of them that were named.</summary>
    /// <exception cref="InvalidInput">The environment lacks a server that was named.</exception>
    /// <exception cref="Conflict"><c>noServers</c>, <c>hostKeyMissing</c>.</exception>
    public static async Task<List<DeploymentTarget>> ChooseAsync(DevOpsDbContext db, DeploymentEnvironment environment, DeploymentRequest request, CancellationToken cancellationToken)
    {
        var candidates = new List<DeploymentTarget>();
        await foreach (var candidate in Candidates(db, environment.Id, environment.Servers, environment.ServerTags).WithCancellation(cancellationToken))
        {
            candidates.Add(candidate);
        }

        var servers = EnvironmentServers.Of(environment, candidates.ConvertAll(c => c.Server)).ToList();
        if (servers.Count == 0)
        {
            throw new Conflict("noServers", $"The environment {environment.Name} has no server. Add one to it, or give a server one of its tags.");
        }

        if (request.Servers is { Count: > 0 } asked)
        {
            var foreign = asked.Where(a => !servers.Exists(s => string.Equals(s.Name, a, StringComparison.Ordinal))).ToList();
            if (foreign.Count > 0)
            {
                throw new InvalidInput("servers", $"The environment {environment.Name} has no server {string.Join(", ", foreign.Take(10))}. It has {string.Join(", ", servers.Select(s => s.Name).Take(20))}.");
            }

            servers.RemoveAll(s => !asked.Contains(s.Name, StringComparer.Ordinal));
        }

        return servers.Where(s => s.HostKey is null).Select(s => s.Name).ToList() is { Count: > 0 } unpinned
            ? throw new Conflict("hostKeyMissing", $"The host key of {string.Join(", ", unpinned)} is not confirmed. Look at it on the server's page and confirm it first.")
            : servers.ConvertAll(server => candidates.Find(c => c.Server == server)!);
    }
}

/// <summary>A server of a new deployment.</summary>
/// <param name="Server">The server.</param>
/// <param name="Release">The release that runs there, as far as is known.</param>
internal sealed record DeploymentTarget(Server Server, int? Release);
