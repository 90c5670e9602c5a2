using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Access;

/// <summary>Counts failed attempts by address, and by name where no account bears it, so that an unknown name answers as a known one does.
/// Kept in memory: what must hold across processes, the lock of an account, is a column of its row.</summary>
public sealed class SignInThrottle(IOptions<AccessOptions> options, TimeProvider time)
{
    private const int MaxEntries = 50_000;
    private readonly ConcurrentDictionary<string, Failures> _addresses = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Failures> _names = new(StringComparer.Ordinal);

    /// <summary>When the address may try again, or null when it may now.</summary>
    public DateTimeOffset? AddressWaitsUntil(string address) => WaitsUntil(_addresses, address, options.Value.FailuresPerAddress);

    /// <summary>When an unknown name may be tried again, or null when it may now.</summary>
    public DateTimeOffset? NameWaitsUntil(string name) => WaitsUntil(_names, name, options.Value.FailuresPerAccount);

    /// <summary>Notes a failure from an address.</summary>
    public void AddressFailed(string address) => Count(_addresses, address);

    /// <summary>Notes a failure with a name that no account bears.</summary>
    public void NameFailed(string name) => Count(_names, name);

    private DateTimeOffset? WaitsUntil(ConcurrentDictionary<string, Failures> table, string key, int limit) =>
        table.TryGetValue(key, out var failures) && failures.Number >= limit && failures.Until > time.GetUtcNow() ? failures.Until : null;

    private void Count(ConcurrentDictionary<string, Failures> table, string key)
    {
        var now = time.GetUtcNow();
        if (table.Count >= MaxEntries)
        {
            RemoveOver(table, now);
        }

        var until = now + options.Value.Lock;
        table.AddOrUpdate(key, _ => new Failures(1, until), (_, old) => old.Until <= now ? new Failures(1, until) : new Failures(old.Number + 1, until));
    }

    private static void RemoveOver(ConcurrentDictionary<string, Failures> table, DateTimeOffset now)
    {
        foreach (var (key, failures) in table)
        {
            if (failures.Until <= now)
            {
                table.TryRemove(key, out _);
            }
        }

        // An attack from very many addresses: better to forget counts than to grow without end.
        if (table.Count >= MaxEntries)
        {
            table.Clear();
        }
    }

    private sealed record Failures(int Number, DateTimeOffset Until);
}
