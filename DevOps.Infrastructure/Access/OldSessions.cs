using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Retention;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Access;

/// <summary>Sessions whose cookie is over or that ended with a new password.</summary>
internal sealed class OldSessions(IDbContextFactory<DevOpsDbContext> contexts, IOptions<AccessOptions> options, TimeProvider time) : IHousekeeping
{
    // The last visit is written once a minute, and clocks differ.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    public string Subject => "sessions that are over";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - TimeSpan.FromSeconds(options.Value.SessionSeconds) - Margin;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.BrowserSessions
            .Where(s => s.LastSeenAt < oldest || !db.Users.Any(a => a.Id == s.AccountId && a.SecurityStamp == s.Stamp))
            .ExecuteDeleteAsync(cancellationToken);
    }
}
