using DevOps.Core.Pipeline;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fakes;

namespace DevOps.Tests.Infrastructure.Docker;

public sealed class HousekeepingTests
{
    private readonly FakeContainerEngine _engine = new();

    [Fact]
    public async Task Containers_of_dead_deployments_are_removed_and_those_of_living_ones_stay()
    {
        _engine.LeaveBehind(3);
        _engine.LeaveBehind(5);

        var removed = await new DeadContainers(_engine).RemoveAsync(AliveAsync(5, 8), CancellationToken.None);

        Assert.Equal(1, removed);
        Assert.Equal([5], await _engine.ListDeploymentsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Deployment_that_starts_while_it_is_looked_is_left_alone()
    {
        _engine.LeaveBehind(3);

        await new DeadContainers(_engine).RemoveAsync(
            (_, _) =>
            {
                _engine.LeaveBehind(9);
                return Task.FromResult<IReadOnlySet<long>>(new HashSet<long>());
            },
            CancellationToken.None);

        Assert.Equal([9], await _engine.ListDeploymentsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Engine_that_is_away_is_said()
    {
        _engine.Away = true;

        await Assert.ThrowsAsync<EngineUnavailable>(() => new DeadContainers(_engine).RemoveAsync(AliveAsync(), CancellationToken.None));
    }

    [Fact]
    public void Installation_keeps_its_mark_and_no_two_share_one()
    {
        var one = Directory.CreateTempSubdirectory("devops-mark-");
        var two = Directory.CreateTempSubdirectory("devops-mark-");
        try
        {
            var first = Mark(one.FullName);

            Assert.Equal(first, Mark(one.FullName));
            Assert.NotEqual(first, Mark(two.FullName));
            Assert.Equal(32, first.Length);
        }
        finally
        {
            one.Delete(recursive: true);
            two.Delete(recursive: true);
        }
    }

    private static string Mark(string folder) => new Installation(new DockerOptions(), new PlatformOptions { DataFolder = folder }).Id;

    private static Func<IReadOnlyList<long>, CancellationToken, Task<IReadOnlySet<long>>> AliveAsync(params long[] alive) =>
        (_, _) => Task.FromResult<IReadOnlySet<long>>(alive.ToHashSet());
}
