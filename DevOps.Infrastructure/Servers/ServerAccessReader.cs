using DevOps.Core.Pipeline;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>Opens the credentials of servers and of those on the way to them.</summary>
public sealed class ServerAccessReader(IDbContextFactory<DevOpsDbContext> contexts, SecretVault vault)
{
    /// <summary>Reads what is needed to reach one server.</summary>
    /// <exception cref="StepFailure">The server is gone, its credential cannot be decrypted, or the way to it leads in a circle.</exception>
    public async Task<ServerAccess> ReadAsync(long serverId, CancellationToken cancellationToken) =>
        (await ReadAsync([serverId], cancellationToken))[serverId];

    /// <summary>Reads what is needed to reach several servers.</summary>
    /// <returns>By row id of the server, one for each that was asked for.</returns>
    /// <exception cref="StepFailure">A server is gone, a credential cannot be decrypted, or the way to one leads in a circle.</exception>
    public async Task<IReadOnlyDictionary<long, ServerAccess>> ReadAsync(IReadOnlyCollection<long> serverIds, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await (from s in db.Servers.AsNoTracking()
                          join c in db.Credentials.AsNoTracking() on s.CredentialId equals c.Id
                          select new Row(s, c.Name, c.Kind, c.Ciphertext)).ToDictionaryAsync(r => r.Server.Id, cancellationToken);
        return serverIds.Distinct().ToDictionary(id => id, id => Open(rows, id, []));
    }

    private ServerAccess Open(Dictionary<long, Row> rows, long id, List<long> way)
    {
        if (!rows.TryGetValue(id, out var row))
        {
            throw new StepFailure("A server was deleted in the meantime. Check the servers of the environment.");
        }

        if (way.Contains(id) || way.Count > ServerLinks.MaxJumps)
        {
            throw new StepFailure($"The way to server {row.Server.Name} leads in a circle or through more than {ServerLinks.MaxJumps} servers. Correct its jump server.");
        }

        return new ServerAccess
        {
            Id = row.Server.Id,
            Name = row.Server.Name,
            Host = row.Server.Host,
            Port = row.Server.Port,
            User = row.Server.User,
            Kind = row.Kind,
            Secret = vault.Open(SecretVault.CredentialPurpose(row.Credential), row.Ciphertext),
            HostKey = row.Server.HostKey,
            Jump = row.Server.JumpServerId is { } jump ? Open(rows, jump, [.. way, id]) : null,
        };
    }

    private sealed record Row(Server Server, string Credential, Core.Credentials.CredentialKind Kind, byte[] Ciphertext);
}
