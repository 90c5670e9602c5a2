using System.Globalization;
using DevOps.Core.Environments;
using DevOps.Core.Events;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Servers;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Applications;

/// <summary>Asks servers which release is current and notes the answer beside what was deployed.</summary>
public sealed class ObserveApplications(IDbContextFactory<DevOpsDbContext> contexts, ServerAccessReader servers, IRemoteHosts hosts, ChangeFeed feed, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Asks a server about everything that was deployed to it.</summary>
    /// <exception cref="StepFailure">The server cannot be asked; what was known stays.</exception>
    public async Task LookAsync(long serverId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await (from a in db.Applications.AsNoTracking()
                          join e in db.Environments on a.EnvironmentId equals e.Id
                          where a.ServerId == serverId
                          select new { Row = a, e.ProjectId }).ToListAsync(cancellationToken);
        if (rows.Count == 0)
        {
            return;
        }

        var access = await servers.ReadAsync(serverId, cancellationToken);
        foreach (var found in rows)
        {
            await LookAsync(found.Row, found.ProjectId, access, cancellationToken);
        }
    }

    /// <summary>Asks about one application.</summary>
    /// <returns>Number of the release that is current there, or null when none is.</returns>
    /// <exception cref="StepFailure">The server cannot be asked; what was known stays.</exception>
    public async Task<int?> LookAsync(Application row, long projectId, ServerAccess access, CancellationToken cancellationToken)
    {
        // The time before the question: a deployment that switches meanwhile makes the answer old, not wrong.
        var asked = time.GetUtcNow();
        var exit = await hosts.Get(access).RunAsync(new RemoteCommand { Script = ReleaseCommands.ReadCurrent(row.Path), Timeout = Limit }, null, cancellationToken);
        if (exit.ExitCode != 0)
        {
            throw new StepFailure($"{access.Name} could not say what is current: {exit.Error.Trim()}", exit.ExitCode);
        }

        int? observed = int.TryParse(exit.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Applications.Where(a => a.Id == row.Id).ExecuteUpdateAsync(
            set => set.SetProperty(a => a.ObservedRelease, observed).SetProperty(a => a.ObservedAt, asked), cancellationToken);
        if (observed != row.ObservedRelease || row.ObservedAt is null || row.ObservedAt < row.ActivatedAt)
        {
            feed.Publish(new Change(ChangeKind.Application, row.Id, projectId));
        }

        return observed;
    }
}
