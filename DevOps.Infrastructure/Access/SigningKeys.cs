using System.Security.Cryptography;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Access;

/// <summary>A key as tokens are signed and verified with it.</summary>
/// <param name="Kid">Its name.</param>
/// <param name="Bytes">Its 64 bytes.</param>
/// <param name="VerifiesUntil">When the last token it signed is over; null while it signs.</param>
public sealed record OpenSigningKey(string Kid, byte[] Bytes, DateTimeOffset? VerifiesUntil);

/// <summary>The keys of access tokens, the same for every process: one signs, retired ones verify until the last token they signed is over.
/// Read again once a minute, when a token names an unknown key, and when another process says so.</summary>
public sealed class SigningKeys(IDbContextFactory<DevOpsDbContext> contexts, SecretVault vault, IOptions<AccessOptions> options, TimeProvider time)
{
    // Any number of its own: two processes at once must not make two keys.
    private const long LockKey = 0x_6465_766F_7073_0003;
    private const int Length = 64;
    private const int KidBytes = 8;

    /// <summary>How old what is remembered may be.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    // Made-up names must not become a way to keep the database busy.
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(1);

    // Another process may sign with the old key until it hears of the new one, and clocks differ.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private volatile Ring? _ring;

    /// <summary>The key that signs, made at the first call.</summary>
    public async Task<OpenSigningKey> CurrentAsync(CancellationToken cancellationToken)
    {
        var ring = await ReadAsync(MaxAge, cancellationToken);
        if (ring.Current is null)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await MakeAsync(db, olderThan: null, cancellationToken);
            ring = await ReadAsync(TimeSpan.Zero, cancellationToken);
        }

        return ring.Current!;
    }

    /// <summary>Sees to it that <see cref="Find"/> knows a key, if there is one of the name.</summary>
    public async Task LoadAsync(string? kid, CancellationToken cancellationToken) =>
        await ReadAsync(Find(kid) is null ? LeastAge : MaxAge, cancellationToken);

    /// <summary>The key of a name from memory, or null when there is none or its last token is over. Tokens without a name belong to the first key.</summary>
    public OpenSigningKey? Find(string? kid) =>
        _ring?.Keys.GetValueOrDefault(kid ?? SigningKey.FirstKid) is { } key && !(key.VerifiesUntil <= time.GetUtcNow()) ? key : null;

    /// <summary>Reads anew at the next question.</summary>
    internal void Forget() => _ring = null;

    /// <summary>Retires the key that signs and makes another, in one step for all processes.</summary>
    /// <param name="db">The context; what was added to it before is saved together with the key.</param>
    /// <param name="olderThan">Only when the key was made before; null: only when there is none.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    /// <returns>The new key, or null when there was nothing to do.</returns>
    internal async Task<SigningKey?> MakeAsync(DevOpsDbContext db, DateTimeOffset? olderThan, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
        var current = await db.SigningKeys.SingleOrDefaultAsync(k => k.RetiredAt == null, cancellationToken);
        if (current is not null && !(current.CreatedAt <= olderThan))
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (current is not null)
        {
            current.RetiredAt = now;
            await db.SaveChangesAsync(cancellationToken);
        }

        var made = new SigningKey { Kid = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KidBytes)), Ciphertext = [], CreatedAt = now };
        made.Ciphertext = vault.Seal(made.Purpose, new Sensitive(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length))));
        db.SigningKeys.Add(made);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Forget();
        return made;
    }

    /// <summary>When the last token is over that a key retired at a time has signed.</summary>
    internal DateTimeOffset End(DateTimeOffset retiredAt) => retiredAt + TimeSpan.FromSeconds(options.Value.TokenSeconds) + Margin;

    private async Task<Ring> ReadAsync(TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_ring is { } known && now - known.ReadAt < maxAge)
        {
            return known;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await db.SigningKeys.AsNoTracking().ToListAsync(cancellationToken);
        var ring = new Ring(rows.ConvertAll(Open).ToDictionary(k => k.Kid, StringComparer.Ordinal), now);
        _ring = ring;
        return ring;
    }

    private OpenSigningKey Open(SigningKey row) =>
        new(row.Kid, Convert.FromBase64String(vault.Open(row.Purpose, row.Ciphertext).Reveal()), row.RetiredAt is { } at ? End(at) : null);

    private sealed record Ring(IReadOnlyDictionary<string, OpenSigningKey> Keys, DateTimeOffset ReadAt)
    {
        public OpenSigningKey? Current { get; } = Keys.Values.SingleOrDefault(k => k.VerifiesUntil is null);
    }
}
