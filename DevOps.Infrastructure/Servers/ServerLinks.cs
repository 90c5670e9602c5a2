using DevOps.Core.Credentials;
using DevOps.Core.Refusals;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Servers;

/// <summary>What a server points at by name: its credential and the server to go through.</summary>
/// <param name="CredentialId">Row id of the credential.</param>
/// <param name="JumpServerId">Row id of the server to go through, or null.</param>
internal sealed record ServerLinks(long CredentialId, long? JumpServerId)
{
    /// <summary>Most servers to go through on the way to one.</summary>
    public const int MaxJumps = 3;

    /// <summary>Looks the names of a draft up.</summary>
    /// <exception cref="InvalidInput">A name that is not there, a token as credential, or a way that leads in a circle or is too long.</exception>
    public static async Task<ServerLinks> FindAsync(DevOpsDbContext db, ServerDraft draft, CancellationToken cancellationToken)
    {
        var faults = new Faults();
        var credential = await db.Credentials.AsNoTracking().SingleOrDefaultAsync(c => c.Name == draft.Credential, cancellationToken);
        faults.When(credential is null, "credential", $"There is no credential {draft.Credential}.");
        faults.When(credential?.Kind == CredentialKind.Token, "credential", "A token opens repositories, not servers. Name a key or a password.");
        var jump = draft.JumpServer is { } name ? await FindJumpAsync(db, draft.Name, name, faults, cancellationToken) : null;
        faults.ThrowIfAny();
        return new ServerLinks(credential!.Id, jump);
    }

    /// <summary>Notes for the audit log from which names to which a change leads.</summary>
    public static async Task NoteAsync(DevOpsDbContext db, Server? before, ServerDraft after, CancellationToken cancellationToken)
    {
        var credential = before is null ? null : await db.Credentials.Where(c => c.Id == before.CredentialId).Select(c => c.Name).SingleAsync(cancellationToken);
        var jump = before?.JumpServerId is { } id ? await db.Servers.Where(s => s.Id == id).Select(s => s.Name).SingleOrDefaultAsync(cancellationToken) : null;
        db.NoteChange("credential", credential, after.Credential);
        db.NoteChange("jumpServer", jump, after.JumpServer);
    }

    private static async Task<long?> FindJumpAsync(DevOpsDbContext db, string server, string jump, Faults faults, CancellationToken cancellationToken)
    {
        var all = await db.Servers.AsNoTracking().Select(s => new { s.Id, s.Name, s.JumpServerId }).ToListAsync(cancellationToken);
        var first = all.Find(s => string.Equals(s.Name, jump, StringComparison.Ordinal));
        faults.When(first is null, "jumpServer", $"There is no server {jump}.");
        var count = 0;
        for (var next = first; next is not null; next = all.Find(s => s.Id == next.JumpServerId))
        {
            if (string.Equals(next.Name, server, StringComparison.Ordinal))
            {
                faults.Add("jumpServer", $"{jump} is itself reached through {server}.");
                break;
            }

            if (++count > MaxJumps)
            {
                faults.Add("jumpServer", $"The way leads through more than {MaxJumps} servers.");
                break;
            }
        }

        return first?.Id;
    }
}
