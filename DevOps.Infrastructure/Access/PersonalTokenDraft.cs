using DevOps.Core;
using DevOps.Core.Access;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Access;

/// <summary>A personal token as its owner wants it.</summary>
public sealed record PersonalTokenDraft
{
    private const int MaxName = 60;

    /// <summary>What it is for, in the owner's words.</summary>
    public required string Name { get; init; }

    /// <summary>What it lets through of the owner's permissions.</summary>
    public required TokenScope Scope { get; init; }

    /// <summary>When it ends (UTC); null: as late as the rules allow.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Notes what cannot be accepted.</summary>
    /// <param name="latest">The latest end the rules allow; null: none.</param>
    /// <param name="now">The present time (UTC).</param>
    /// <param name="faults">Where faults are noted.</param>
    public void Check(DateTimeOffset? latest, DateTimeOffset now, Faults faults)
    {
        TextRule.CheckLine(Name, MaxName, "name", faults, required: true);
        faults.When(!Enum.IsDefined(Scope), "scope", "Choose read, deploy or admin.");
        faults.When(ExpiresAt <= now, "expiresAt", "Choose a time in the future.");
        faults.When(ExpiresAt > latest, "expiresAt", $"The latest end that is allowed here is {latest?.UtcDateTime:yyyy-MM-dd HH:mm} UTC.");
    }
}
