using DevOps.Core.Access;
using DevOps.Core.Environments;
using DevOps.Core.Refusals;

namespace DevOps.Tests.Core.Environments;

public sealed class DeployGateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 10, 0, 0, TimeSpan.Zero);

    private static readonly DeploymentEnvironment Frozen = new()
    {
        Name = "production",
        FreezeWeekly = [new WeeklyFreeze { Day = DayOfWeek.Friday, From = "17:00", To = "24:00", TimeZone = "Asia/Shanghai" }],
    };

    [Fact]
    public void Environment_without_rules_is_open() => Assert.Null(DeployGate.Of(new DeploymentEnvironment { Name = "dev" }, false, Now));

    [Fact]
    public void Freeze_is_told_in_its_own_zone()
    {
        var gate = DeployGate.Of(Frozen, false, Now);

        Assert.Equal(("frozen", "frozen until 2026-11-28 00:00 Asia/Shanghai"), (gate!.Reason, gate.Words.ToString()));
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 16, 0, 0, TimeSpan.Zero), gate.Until);
    }

    [Fact]
    public void Freeze_that_ends_today_is_told_by_the_hour_with_its_reason()
    {
        var environment = new DeploymentEnvironment { Name = "production", Freezes = [new Freeze { From = Now, To = Now.AddHours(8), Reason = "fair" }] };

        Assert.Equal("frozen until 18:00 UTC: fair", DeployGate.Of(environment, false, Now)!.Words.ToString());
    }

    [Fact]
    public void Override_opens_a_freeze_but_not_a_lock()
    {
        Assert.Null(DeployGate.Of(Frozen, true, Now));
        var gate = DeployGate.Of(new DeploymentEnvironment { Name = "production", LockedBy = "lin", LockedAt = Now, LockReason = "incident 7" }, true, Now);
        Assert.Equal(("locked", "locked by lin: incident 7", null), (gate!.Reason, gate.Words.ToString(), gate.Until));
    }

    [Fact]
    public void Draft_with_faults_names_each_field()
    {
        var draft = new EnvironmentDraft
        {
            Name = "production",
            PromoteFrom = "production",
            Approvals = new ApprovalRule { Required = 11, Role = Role.Deployer, ExpireSeconds = 0 },
            Freezes = [new Freeze { From = Now, To = Now, Reason = "two\nlines" }],
            FreezeWeekly = [new WeeklyFreeze { Day = DayOfWeek.Friday, From = "24:00", To = "8", TimeZone = "Beijing" }, new WeeklyFreeze { From = "18:00", To = "08:00" }],
        };
        var faults = new Faults();

        draft.Check(faults);

        var fields = Assert.Throws<InvalidInput>(faults.ThrowIfAny).Errors.Keys.Order(StringComparer.Ordinal);
        Assert.Equal(
            ["approvals.expireSeconds", "approvals.required", "approvals.role", "freezeWeekly[0].from", "freezeWeekly[0].timeZone", "freezeWeekly[0].to", "freezeWeekly[1].to", "freezes[0].reason", "freezes[0].to", "promoteFrom"],
            fields);
    }
}
