using DevOps.Core.Notifications;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Notifications;

/// <summary>What the verbs of channels have in common.</summary>
internal static class ChannelRules
{
    /// <summary>Refuses a draft with every fault at once; projects must be there.</summary>
    public static async Task CheckAsync(DevOpsDbContext db, ChannelDraft draft, CancellationToken cancellationToken)
    {
        var faults = new Faults();
        draft.Check(faults);
        var known = await db.Projects.Where(p => draft.Projects.Contains(p.Key)).Select(p => p.Key).ToListAsync(cancellationToken);
        foreach (var missing in draft.Projects.Where(Core.Slug.IsValid).Except(known, StringComparer.Ordinal).Take(10))
        {
            faults.Add("projects", $"There is no project {missing}.");
        }

        faults.ThrowIfAny();
    }

    public static string Subject(string name) => $"channel/{name}";

    public static string Words(ChannelDraft draft) =>
        $"{draft.Name} ({Json.Word(draft.Kind)}) for {string.Join(", ", draft.Events)} of {(draft.Projects.Count == 0 ? "all projects" : string.Join(", ", draft.Projects))}";

    public static NotFound Missing(string name) => new($"Channel {name}");
}
