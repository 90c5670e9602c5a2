using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Retention;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Access;

/// <summary>Personal tokens that ended a while ago. Until then their owner sees in the list why a program no longer gets in.</summary>
internal sealed class OldTokens(IDbContextFactory<DevOpsDbContext> contexts, TimeProvider time) : IHousekeeping
{
    private static readonly TimeSpan Shown = TimeSpan.FromDays(30);

    public string Subject => "personal tokens that are over";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var oldest = time.GetUtcNow() - Shown;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.PersonalTokens.Where(t => t.ExpiresAt < oldest).ExecuteDeleteAsync(cancellationToken);
    }
}
