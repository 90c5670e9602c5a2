using System.Globalization;
using DevOps.Core.Access;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Settings;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

/// <summary>Audit entries older than their limit. The table refuses every other way to delete; the function it goes through touches nothing younger
/// than 90 days, whatever it is told. That entries went is an entry.</summary>
internal sealed class OldAuditEntries(IDbContextFactory<DevOpsDbContext> contexts, SettingsReader settings, AuditTrail audit) : IHousekeeping
{
    private const int Batch = 5000;

    public string Subject => "old entries of the audit log";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var days = (await settings.ReadAsync(cancellationToken)).Retention.AuditDays;
        if (days == 0)
        {
            return 0;
        }

        var total = 0;
        int batch;
        do
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            batch = (await db.Database.SqlQuery<int>($"SELECT forget_audit_entries({days}, {Batch}) AS \"Value\"").ToListAsync(cancellationToken))[0];
            total += batch;
        }
        while (batch == Batch);

        if (total > 0)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            audit.Add(db, Actor.Platform, "audit.forget", "audit", string.Create(CultureInfo.InvariantCulture, $"Removed {total} entries older than {days} days."));
            await db.SaveChangesAsync(cancellationToken);
        }

        return total;
    }
}
