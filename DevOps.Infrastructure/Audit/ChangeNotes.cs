using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevOps.Core;
using DevOps.Core.Audit;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Notifications;
using DevOps.Core.Projects;
using DevOps.Core.Schedules;
using DevOps.Core.Servers;
using DevOps.Infrastructure.Access;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace DevOps.Infrastructure.Audit;

/// <summary>Sees which settings a context changes before they are saved, and hands them to the audit line that is saved with them or next.
/// Only what stands in the table is noted; what sounds like a secret is noted without its value.</summary>
internal sealed partial class ChangeNotes
{
    private const int MaxChanges = 60;
    private const int MaxText = 300;
    private const string Hidden = "•••";

    // Settings that people make; states and counters are no settings.
    private static readonly Dictionary<Type, string[]> Settings = new()
    {
        [typeof(Project)] = [.. Names<Project>("LastRelease")],
        [typeof(DeploymentEnvironment)] = [.. Names<DeploymentEnvironment>()],
        [typeof(Server)] = [nameof(Server.Host), nameof(Server.Port), nameof(Server.User), nameof(Server.Tags), nameof(Server.HostKeyFingerprint)],
        [typeof(Account)] = [nameof(Account.DisplayName), nameof(Account.Email), nameof(Account.Role), nameof(Account.RoleFrom), nameof(Account.Disabled)],
        [typeof(ProjectMember)] = [nameof(ProjectMember.Role)],
        [typeof(Schedule)] = [nameof(Schedule.Ref), nameof(Schedule.Cron), nameof(Schedule.TimeZone), nameof(Schedule.Enabled), nameof(Schedule.OnlyIfChanged)],
        [typeof(NotificationChannel)] = [nameof(NotificationChannel.Kind), nameof(NotificationChannel.Events), nameof(NotificationChannel.Projects)],
        [typeof(Approval)] = [nameof(Approval.Decision), nameof(Approval.Comment)],
    };

    private readonly List<AuditChange> _noted = [];

    /// <summary>Looks at what is about to be saved.</summary>
    public void Take(ChangeTracker tracker)
    {
        foreach (var entry in tracker.Entries().ToList())
        {
            Note(entry);
        }

        if (_noted.Count > 0 && tracker.Entries<AuditEntry>().FirstOrDefault(e => e.State == EntityState.Added) is { Entity: { Changes: null } line })
        {
            line.Changes = [.. _noted.Take(MaxChanges)];
            _noted.Clear();
        }
    }

    /// <summary>Notes what a property does not show by itself: the parts of a setting that is one text, or a name instead of a row's id.</summary>
    /// <param name="path">Path of the field; empty for the parts of an object.</param>
    /// <param name="before">What stood there.</param>
    /// <param name="after">What stands there now.</param>
    public void Compare(string path, JsonNode? before, JsonNode? after)
    {
        if (before is JsonObject || after is JsonObject)
        {
            var (old, now) = (before as JsonObject ?? [], after as JsonObject ?? []);
            foreach (var name in old.Select(p => p.Key).Union(now.Select(p => p.Key), StringComparer.Ordinal))
            {
                Compare(path.Length == 0 ? name : $"{path}.{name}", old[name], now[name]);
            }
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            Add(path, Text(path, before), Text(path, after));
        }
    }

    /// <summary>Drops what no audit line was saved for.</summary>
    public void Forget() => _noted.Clear();

    /// <summary>Notes that a value changed which nobody may read here.</summary>
    public void Hide(string path, bool before, bool after) => Add(path, before ? Hidden : null, after ? Hidden : null);

    private void Note(EntityEntry entry)
    {
        if (!Settings.TryGetValue(entry.Metadata.ClrType, out var names) || entry.State is not (EntityState.Added or EntityState.Modified or EntityState.Deleted))
        {
            return;
        }

        foreach (var property in entry.Properties.Where(p => names.Contains(p.Metadata.Name, StringComparer.Ordinal) && (p.IsModified || entry.State != EntityState.Modified)))
        {
            var type = property.Metadata.ClrType;
            var before = entry.State == EntityState.Added ? null : JsonSerializer.SerializeToNode(property.OriginalValue, type, Json.Options);
            var after = entry.State == EntityState.Deleted ? null : JsonSerializer.SerializeToNode(property.CurrentValue, type, Json.Options);
            var name = entry.Entity is ProjectMember member ? string.Create(CultureInfo.InvariantCulture, $"projects.{member.ProjectId}") : JsonNamingPolicy.CamelCase.ConvertName(property.Metadata.Name);
            Compare(name, before, after);
        }
    }

    // What was empty and stays so is no change: a new row says what stands in it, not what does not.
    private void Add(string path, string? before, string? after)
    {
        if (before is not null || after is not null)
        {
            _noted.Add(new AuditChange(path, before, after));
        }
    }

    private static string? Text(string path, JsonNode? node)
    {
        var text = node switch
        {
            null => "",
            JsonArray list => string.Join('\n', list.Select(item => item is JsonValue value ? value.ToString() : item?.ToJsonString(Json.Options))),
            _ => node.ToString(),
        };
        return text.Length == 0 ? null
            : Secretive().IsMatch(path) ? Hidden
            : path.StartsWith("files.", StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"{text.Length} characters")
            : Excerpt.Shortened(text, MaxText + 1);
    }

    private static IEnumerable<string> Names<T>(params string[] besides) =>
        typeof(T).GetProperties().Select(p => p.Name).Except([.. besides, "Id", "ProjectId", "Revision", "CreatedAt"], StringComparer.Ordinal);

    [GeneratedRegex("secret|passw|token|key$|credential.*value|private", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Secretive();
}
