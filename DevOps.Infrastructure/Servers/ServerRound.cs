using DevOps.Core.Access;
using DevOps.Core.Pipeline;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Applications;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quartz;

namespace DevOps.Infrastructure.Servers;

/// <summary>How often servers are looked at. Section <c>DevOps:Servers</c>.</summary>
public sealed class ServerRoundOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "DevOps:Servers";

    /// <summary>Time between two looks at a server; one by hand counts too.</summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromMinutes(5);
}

/// <summary>Looks at every server with a confirmed host key on Quartz's call, on workers only: whether it can be deployed to, and which releases are current on it.</summary>
[DisallowConcurrentExecution]
public sealed class ServerRound(
    IDbContextFactory<DevOpsDbContext> contexts,
    CheckServer check,
    ObserveApplications observe,
    PlatformOptions platform,
    IOptions<ServerRoundOptions> options,
    TimeProvider time,
    ILogger<ServerRound> logger) : IJob
{
    private const int AtOnce = 4;

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await LookAsync(cancellationToken);

    /// <summary>Looks at those that nobody, in no process, has looked at for a while.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        if (!platform.IsWorker)
        {
            return 0;
        }

        var before = time.GetUtcNow() - (options.Value.CheckEvery / 2);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var due = await db.Servers.Where(s => s.HostKey != null && (s.LastCheckAt == null || s.LastCheckAt < before))
            .OrderBy(s => s.LastCheckAt).Select(s => new { s.Id, s.Name }).ToListAsync(cancellationToken);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (server, token) =>
        {
            try
            {
                if ((await check.RunAsync(Actor.Platform, server.Name, token)).Reachable)
                {
                    await observe.LookAsync(server.Id, token);
                }
            }
            catch (Exception e) when (e is StepFailure or NotFound)
            {
                // Gone in the meantime, or not to be asked: the check's own result says what there is to say.
                logger.LogDebug(e, "Server {Server} could not be looked at", server.Name);
            }
        });
        return due.Count;
    }
}
