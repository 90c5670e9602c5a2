namespace DevOps.Tests.Chaos;

/// <summary>Every fault ends with the true status, leaves nothing behind, and the next deployment goes well. All parts are real.</summary>
[Collection(FaultCollection.Name)]
public sealed class FaultTests(FaultRoom room)
{
    public static TheoryData<string> Names => [.. FaultList.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public Task Fault_ends_well(string name) => FaultRun.TryAsync(room, FaultList.All[name]);

    [Fact]
    public async Task Platform_killed_at_any_moment_goes_on_where_it_was()
    {
        var random = new Random();
        for (var n = 0; n < 4; n++)
        {
            await FaultRun.TryAsync(room, FaultList.KillAfter(TimeSpan.FromMilliseconds(random.Next(3000))));
        }
    }

    [Fact]
    public async Task Two_people_who_press_deploy_at_once_get_one_after_the_other()
    {
        await room.PutProjectAsync();
        room.Commit();

        var ids = await Task.WhenAll(room.RequestAsync(), room.RequestAsync());

        Assert.NotEqual(ids[0], ids[1]);
        var ends = new List<string?>();
        foreach (var id in ids.Order())
        {
            ends.Add((await room.EndAsync(id)).GetProperty("status").GetString());
        }

        Assert.Contains(ends[0], new[] { "succeeded", "superseded" });
        Assert.Equal("succeeded", ends[1]);
        await new Oracle(room).CheckAsync(ids.Max());
    }

    [Fact]
    public async Task Process_that_was_stopped_and_goes_on_after_its_lease_writes_nothing_any_more()
    {
        await room.PutProjectAsync();
        room.Commit();
        var knocked = room.Gates.Close("build");
        var id = await room.RequestAsync();
        await knocked;
        await room.Platform.SignalAsync("STOP");
        var stopped = room.Platform;
        var again = room.Gates.Close("build");
        await room.StartPlatformAsync();

        await again.WaitAsync(TimeSpan.FromMinutes(2));
        await stopped.SignalAsync("CONT");
        room.Gates.OpenAll();
        var deployment = await room.EndAsync(id);

        Assert.Equal("succeeded", deployment.GetProperty("status").GetString());
        var log = await room.LogAsync(id);
        Assert.Equal(1, log.Split('\n').Count(l => l.Contains($"Deployment #{id} succeeded.", StringComparison.Ordinal)));
        await stopped.StopAsync();
        await stopped.DisposeAsync();
        await new Oracle(room).CheckAsync(id);
        await room.DeployWellAsync();
    }
}
