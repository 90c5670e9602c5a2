using System.Collections.Concurrent;
using DevOps.Core;
using DevOps.Core.Events;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Secrets;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Webhooks;

/// <summary>Projects with their webhook secrets, remembered for a moment: a busy door asks the database once, and a project that is not there costs what one costs that is.
/// A change in this process is seen at once, one by another process after <see cref="Age"/>.</summary>
public sealed class WebhookTargets : IDisposable
{
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(5);

    private readonly IDbContextFactory<DevOpsDbContext> _contexts;
    private readonly SecretVault _vault;
    private readonly TimeProvider _time;
    private readonly IDisposable _subscription;
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private int _generation;

    public WebhookTargets(IDbContextFactory<DevOpsDbContext> contexts, SecretVault vault, ChangeFeed feed, TimeProvider time)
    {
        (_contexts, _vault, _time) = (contexts, vault, time);
        _subscription = feed.Subscribe(change =>
        {
            if (change.Kind == ChangeKind.Project)
            {
                Forget();
            }
        });
    }

    /// <summary>The project of a key, or null when there is none.</summary>
    public async Task<WebhookTarget?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (_entries.TryGetValue(key, out var entry) && _time.GetElapsedTime(entry.ReadAt) < Age)
        {
            return entry.Target;
        }

        var generation = Volatile.Read(ref _generation);
        var readAt = _time.GetTimestamp();
        var target = Slug.IsValid(key) ? await ReadAsync(key, cancellationToken) : null;
        if (_entries.Count >= MaxEntries)
        {
            _entries.Clear();
        }

        // What was read while something changed may be the state before: it serves this once.
        if (generation == Volatile.Read(ref _generation))
        {
            _entries[key] = new Entry(target, readAt);
        }

        return target;
    }

    public void Dispose() => _subscription.Dispose();

    private void Forget()
    {
        Interlocked.Increment(ref _generation);
        _entries.Clear();
    }

    private async Task<WebhookTarget?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var row = await (
            from p in db.Projects.AsNoTracking()
            where p.Key == key
            join s in db.WebhookSecrets.AsNoTracking() on p.Id equals s.ProjectId into secrets
            from s in secrets.DefaultIfEmpty()
            select new { Project = p, Secret = s }).SingleOrDefaultAsync(cancellationToken);
        return row is null ? null : new WebhookTarget(row.Project, row.Secret is null ? [] : [.. Open(row.Secret)]);
    }

    private IEnumerable<(Sensitive Value, DateTimeOffset? Until)> Open(WebhookSecret secret)
    {
        yield return (_vault.Open(WebhookSecret.Purpose(secret.ProjectId), secret.Current), null);
        if (secret.Previous is { } previous)
        {
            yield return (_vault.Open(WebhookSecret.Purpose(secret.ProjectId), previous), secret.PreviousUntil ?? DateTimeOffset.MinValue);
        }
    }

    private sealed record Entry(WebhookTarget? Target, long ReadAt);
}
