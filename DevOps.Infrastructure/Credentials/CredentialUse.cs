using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Credentials;

/// <summary>Finds out what uses credentials.</summary>
internal static class CredentialUse
{
    /// <summary>What uses each credential: <c>project/shop</c>, <c>server/app-1</c>, by the credential's name.</summary>
    public static async Task<ILookup<string, string>> ReadAsync(DevOpsDbContext db, CancellationToken cancellationToken)
    {
        var servers = await (from s in db.Servers
                             join c in db.Credentials on s.CredentialId equals c.Id
                             select new { Credential = c.Name, s.Name }).ToListAsync(cancellationToken);
        var projects = await db.Projects.AsNoTracking().Select(p => new { p.Repository, p.Key }).ToListAsync(cancellationToken);
        return projects.Where(p => p.Repository.Credential is not null)
            .Select(p => (Credential: p.Repository.Credential!, By: $"project/{p.Key}"))
            .Concat(servers.Select(s => (s.Credential, By: $"server/{s.Name}")))
            .OrderBy(u => u.By, StringComparer.Ordinal)
            .ToLookup(u => u.Credential, u => u.By, StringComparer.Ordinal);
    }
}
