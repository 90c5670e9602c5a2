using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Audit;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Credentials;

/// <summary>Stores a credential, encrypted.</summary>
public sealed class AddCredential(
    IDbContextFactory<DevOpsDbContext> contexts,
    SecretVault vault,
    SshKeygen keygen,
    AuditTrail audit,
    ChangeFeed feed,
    TimeProvider time)
{
    /// <summary>Stores a pasted key, password or token, or makes a key.</summary>
    /// <exception cref="InvalidInput">Fields that cannot be accepted, or a key that does not open.</exception>
    /// <exception cref="Conflict">The name is taken (<c>exists</c>).</exception>
    public async Task<Credential> RunAsync(Actor actor, CredentialDraft draft, CancellationToken cancellationToken)
    {
        actor.Demand(Permission.CredentialEdit);
        var faults = new Faults();
        draft.Check(faults);
        faults.ThrowIfAny();
        var pair = draft switch
        {
            { Generate: true } => await keygen.GenerateAsync($"devops-{draft.Name}", cancellationToken),
            { Kind: CredentialKind.SshKey } => await SshKeygen.ReadAsync(draft.Value!.Value, cancellationToken),
            _ => null,
        };

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var credential = new Credential
        {
            Name = draft.Name,
            Kind = draft.Kind,
            Ciphertext = vault.Seal(SecretVault.CredentialPurpose(draft.Name), pair?.PrivateKey ?? draft.Value!.Value),
            PublicKey = pair?.PublicKey,
            CreatedAt = time.GetUtcNow(),
        };
        db.Credentials.Add(credential);
        audit.Add(db, actor, "credential.create", $"credential/{draft.Name}", $"{(draft.Generate ? "Made" : "Stored")} credential {draft.Name} ({Json.Word(draft.Kind)}).");
        await db.SaveAsync($"Credential {draft.Name}", cancellationToken);
        feed.Publish(new Change(ChangeKind.Credential, credential.Id));
        return credential;
    }
}
