using DevOps.Blazor.Ui;
using DevOps.Core.Deployments;

namespace DevOps.Tests.Blazor.Ui;

public sealed class StatusLookTests
{
    [Fact]
    public void Every_status_has_a_look_of_its_own()
    {
        Assert.All(Enum.GetValues<DeploymentStatus>(), s => Assert.NotEqual("StatusUnknown", StatusLook.Of(s).Label));
        Assert.All(Enum.GetValues<StepStatus>(), s => Assert.NotEqual("StatusUnknown", StatusLook.Of(s).Label));
        Assert.All(Enum.GetValues<ServerStatus>(), s => Assert.NotEqual("StatusUnknown", StatusLook.Of(s).Label));
    }

    [Fact]
    public void Only_success_looks_good()
    {
        var good = Enum.GetValues<DeploymentStatus>().Where(s => StatusLook.Of(s).Tone == Tone.Good);
        Assert.Equal([DeploymentStatus.Succeeded], good);
    }

    [Theory]
    [InlineData(RollbackState.Complete, "StatusFailedRolledBack")]
    [InlineData(RollbackState.Partial, "StatusFailedPartial")]
    [InlineData(RollbackState.None, "StatusFailed")]
    public void Failure_says_what_became_of_the_servers(RollbackState rollback, string label)
    {
        var look = StatusLook.Of(DeploymentStatus.Failed, rollback);
        Assert.Equal(label, look.Label);
        Assert.Equal(Tone.Bad, look.Tone);
    }

    [Fact]
    public void Changed_host_key_outweighs_everything() =>
        Assert.Equal("ServerKeyChanged", StatusLook.OfServer(reachable: true, pinned: true, keyChanged: true).Label);
}
