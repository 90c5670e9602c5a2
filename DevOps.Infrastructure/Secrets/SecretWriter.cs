using DevOps.Core.Refusals;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Secrets;

/// <summary>Stores and removes secrets within the change of their owner.</summary>
public sealed class SecretWriter(SecretVault vault)
{
    /// <summary>Applies changes to the context without saving: a value is stored, null deletes, what is left out stays.</summary>
    /// <returns>A sentence for the audit log that names what was set and removed; empty when nothing was.</returns>
    /// <exception cref="InvalidInput">More than <see cref="VariableName.MaxCount"/> would be there, or a plain variable has the name of a stored secret.</exception>
    internal async Task<string> ApplyAsync(DevOpsDbContext db, SecretOwner owner, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellationToken)
    {
        var stored = await db.Secrets.Where(s => s.Scope == owner.Scope && s.OwnerId == owner.Id).ToDictionaryAsync(s => s.Name, StringComparer.Ordinal, cancellationToken);
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                if (stored.Remove(name, out var gone))
                {
                    db.Secrets.Remove(gone);
                }

                continue;
            }

            var sealedValue = vault.Seal(SecretVault.SecretPurpose(owner.Scope, owner.Id, name), new Sensitive(value));
            if (stored.TryGetValue(name, out var secret))
            {
                secret.Ciphertext = sealedValue;
            }
            else
            {
                stored[name] = db.Secrets.Add(new Secret { Scope = owner.Scope, OwnerId = owner.Id, Name = name, Ciphertext = sealedValue }).Entity;
            }
        }

        Check(owner, [.. stored.Keys]);
        return Sentence("Secrets set", changes.Where(c => c.Value is not null)) + Sentence("Secrets removed", changes.Where(c => c.Value is null));
    }

    private static void Check(SecretOwner owner, List<string> names)
    {
        var faults = new Faults();
        faults.When(names.Count > VariableName.MaxCount, $"{owner.Field}secrets", $"There can be {VariableName.MaxCount} at most.");
        foreach (var name in names.Where(owner.Variables.Contains))
        {
            faults.Add($"{owner.Field}variables.{name}", "A secret of this name is stored. Delete it (null) or choose another name.");
        }

        faults.ThrowIfAny();
    }

    private static string Sentence(string what, IEnumerable<KeyValuePair<string, string?>> changes)
    {
        var names = string.Join(", ", changes.Select(c => c.Key).Order(StringComparer.Ordinal));
        return names.Length > 0 ? $" {what}: {names}." : "";
    }
}

/// <summary>Whose secrets are changed.</summary>
/// <param name="Scope">Build or environment.</param>
/// <param name="Id">Row id of the project or environment.</param>
/// <param name="Variables">Names of its plain variables.</param>
/// <param name="Field">What stands before <c>secrets</c> and <c>variables</c> in the request: <c>build.</c> or nothing.</param>
internal sealed record SecretOwner(SecretScope Scope, long Id, IReadOnlyCollection<string> Variables, string Field);
