using DevOps.Infrastructure.Ssh;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

public sealed class ServerProbeTests(SshServerFixture fixture) : SshRoom(fixture), IClassFixture<SshServerFixture>
{
    [Fact]
    public async Task Server_that_is_well_says_everything()
    {
        var check = await new ServerProbe(Connections, TimeProvider.System).CheckAsync(Fixture.Server.Access, [Path.Combine(Fixture.Root, "not/there/yet")], default);

        Assert.Null(check.Error);
        Assert.True(check.Reachable);
        Assert.True(check.PathWritable);
        Assert.Empty(check.MissingTools);
        Assert.InRange(check.LatencyMs!.Value, 0.1, 60_000);
        Assert.Contains("Linux", check.System, StringComparison.Ordinal);
        Assert.StartsWith("/", check.Shell, StringComparison.Ordinal);
        Assert.InRange(check.ClockSkewSeconds!.Value, -60, 60);
        Assert.True(check.DiskFreeBytes > 0);
        Assert.True(check.MemoryFreeBytes > 0);
        Assert.True(check.Load1 >= 0);
    }

    [Fact]
    public async Task Without_a_path_the_home_folder_is_looked_at() =>
        Assert.NotNull((await new ServerProbe(Connections, TimeProvider.System).CheckAsync(Fixture.Server.Access, [], default)).DiskFreeBytes);

    [Fact]
    public async Task Path_that_cannot_be_written_is_named()
    {
        var check = await new ServerProbe(Connections, TimeProvider.System).CheckAsync(Fixture.Server.Access, [Fixture.Root, "/proc/version"], default);

        Assert.False(check.PathWritable);
        Assert.Contains("/proc/version", check.Error?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_is_away_is_an_answer()
    {
        var hosts = new FakeRemoteHosts();
        hosts["shared"].GoAway();

        var check = await new ServerProbe(hosts, TimeProvider.System).CheckAsync(Fixture.Server.Access, [], default);

        Assert.False(check.Reachable);
        Assert.Contains("refused", check.Error?.ToString(), StringComparison.Ordinal);
        Assert.Null(check.LatencyMs);
    }

    [Fact]
    public async Task Changed_key_is_an_answer_with_both_fingerprints()
    {
        var hosts = new FakeRemoteHosts();
        hosts["shared"].ChangeKey();

        var check = await new ServerProbe(hosts, TimeProvider.System).CheckAsync(Fixture.Server.Access, [], default);

        Assert.Equal((false, "SHA256:pinned", "SHA256:presented"), (check.Reachable, check.PinnedFingerprint, check.PresentedFingerprint));
    }

    [Fact]
    public async Task Missing_tool_and_coarse_clock_are_read()
    {
        var hosts = new FakeRemoteHosts();
        var time = new ManualTime();
        var clock = time.GetUtcNow().ToUnixTimeSeconds() + 90;
        hosts["shared"].Exit(c => c.Script.Contains("uname", StringComparison.Ordinal), 0, $"now={clock}.%N\nmissing=sha256sum\nwritable=yes\ndisk=Available\ndisk=2048\n");

        var check = await new ServerProbe(hosts, time).CheckAsync(Fixture.Server.Access, [], default);

        Assert.Equal(["sha256sum"], check.MissingTools);
        Assert.Equal(90.5, check.ClockSkewSeconds);
        Assert.Equal(2048 * 1024, check.DiskFreeBytes);
        Assert.Contains("Install", check.Error?.ToString(), StringComparison.Ordinal);
    }
}
