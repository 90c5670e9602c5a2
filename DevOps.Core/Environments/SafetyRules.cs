using DevOps.Core.Access;
using DevOps.Core.Refusals;

namespace DevOps.Core.Environments;

/// <summary>What approvals, freezes and promotion of an environment may be.</summary>
internal static class SafetyRules
{
    private const int MaxFreezes = 50;
    private const int MaxReason = 200;

    /// <summary>Notes every fault.</summary>
    public static void Check(EnvironmentDraft draft, Faults faults)
    {
        faults.When(draft.Approvals.Required is < 0 or > ApprovalRule.MaxRequired, "approvals.required", $"Give 0 to {ApprovalRule.MaxRequired}.");
        faults.When(draft.Approvals.Role is not (Role.Maintainer or Role.Admin), "approvals.role", "Maintainers and administrators approve. Give maintainer or admin.");
        faults.When(draft.Approvals.ExpireSeconds is < 1 or > 31_536_000, "approvals.expireSeconds", "Give 1 to 31536000 seconds.");
        if (draft.PromoteFrom is { Length: > 0 } from)
        {
            Slug.Check(from, "promoteFrom", faults);
            faults.When(string.Equals(from, draft.Name, StringComparison.Ordinal), "promoteFrom", "Give another environment, not this one.");
        }

        faults.When(draft.Freezes.Count > MaxFreezes, "freezes", $"There can be {MaxFreezes} at most.");
        faults.When(draft.FreezeWeekly.Count > MaxFreezes, "freezeWeekly", $"There can be {MaxFreezes} at most.");
        for (var i = 0; i < Math.Min(draft.Freezes.Count, MaxFreezes); i++)
        {
            Check(draft.Freezes[i], $"freezes[{i}]", faults);
        }

        for (var i = 0; i < Math.Min(draft.FreezeWeekly.Count, MaxFreezes); i++)
        {
            Check(draft.FreezeWeekly[i], $"freezeWeekly[{i}]", faults);
        }
    }

    private static void Check(Freeze freeze, string field, Faults faults)
    {
        faults.When(freeze.From == default, $"{field}.from", "This is required.");
        faults.When(freeze.To <= freeze.From, $"{field}.to", "It must be later than from.");
        faults.When(freeze.Reason.Length > MaxReason || freeze.Reason.Any(char.IsControl), $"{field}.reason", $"Use {MaxReason} characters at most, on one line.");
    }

    private static void Check(WeeklyFreeze freeze, string field, Faults faults)
    {
        var (from, to) = (DayTime.Parse(freeze.From), DayTime.Parse(freeze.To));
        faults.When(!Enum.IsDefined(freeze.Day), $"{field}.day", "Give a day of the week.");
        faults.When(from is null || from == TimeSpan.FromDays(1), $"{field}.from", "Give a time from 00:00 to 23:59.");
        faults.When(to is null, $"{field}.to", "Give a time from 00:01 to 24:00.");
        faults.When(to <= from, $"{field}.to", "It must be later than from. For a night, give two entries: one up to 24:00, the next day's from 00:00.");
        faults.When(DayTime.Zone(freeze.TimeZone) is null, $"{field}.timeZone", "This is no IANA time zone. Give one such as Asia/Shanghai or UTC.");
    }
}
