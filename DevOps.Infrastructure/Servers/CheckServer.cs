using DevOps.Core.Access;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Pipeline;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Ssh;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>Looks whether a server can be deployed to, and keeps what was found.</summary>
public sealed class CheckServer(
    IDbContextFactory<DevOpsDbContext> contexts,
    ServerAccessReader reader,
    ServerProbe probe,
    ChangeFeed feed,
    TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>Signs in and looks around, where projects are deployed to or in the home folder. What goes wrong is part of the answer.</summary>
    /// <exception cref="NotFound">There is no such server.</exception>
    public async Task<ServerCheck> RunAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        Server server;
        List<string> paths;
        await using (var db = await contexts.CreateDbContextAsync(cancellationToken))
        {
            server = await db.FindServerAsync(actor, name, Permission.ServerEdit, cancellationToken);
            paths = await PathsAsync(db, server, cancellationToken);
        }

        var check = await AskAsync(server, paths, cancellationToken);
        await StoreAsync(server.Id, check, cancellationToken);
        feed.Publish(new Change(ChangeKind.Server, server.Id));
        return check;
    }

    private static async Task<List<string>> PathsAsync(DevOpsDbContext db, Server server, CancellationToken cancellationToken)
    {
        var environments = await (from e in db.Environments.AsNoTracking()
                                  join p in db.Projects.AsNoTracking() on e.ProjectId equals p.Id
                                  select new { Environment = e, p.Key, p.Deploy }).ToListAsync(cancellationToken);
        return [.. environments
            .Where(e => EnvironmentServers.Of(e.Environment, [server]).Count > 0)
            .Select(e => Placeholders.Expand(e.Deploy.Path, new PlaceholderValues(server.Host, server.Name, e.Environment.Name, e.Key, 1)))
            .Distinct(StringComparer.Ordinal)];
    }

    private async Task<ServerCheck> AskAsync(Server server, List<string> paths, CancellationToken cancellationToken)
    {
        if (server.HostKey is null)
        {
            return new ServerCheck { Reachable = false, Error = "The server's host key is not confirmed yet. Compare its fingerprint and confirm it; until then nothing is sent." };
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return await probe.CheckAsync(await reader.ReadAsync(server.Id, limit.Token), paths, limit.Token);
        }
        catch (StepFailure e)
        {
            return new ServerCheck { Reachable = false, Error = e.Said };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ServerCheck { Reachable = false, Error = $"The server did not finish the check within {Limit.TotalSeconds:0} seconds." };
        }
    }

    // Past the revision: a check is no change of the server, and must not make someone's edit stale.
    private async Task StoreAsync(long id, ServerCheck check, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        await db.Servers.Where(s => s.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.LastCheck, check).SetProperty(s => s.LastCheckAt, now),
            cancellationToken);
    }
}
