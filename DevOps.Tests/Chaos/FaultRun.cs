namespace DevOps.Tests.Chaos;

/// <summary>Tries one fault: a deployment in which it happens, its end, everything that has to be true afterwards, and a good deployment behind it.</summary>
internal static class FaultRun
{
    public static async Task TryAsync(FaultRoom room, Fault fault)
    {
        var oracle = new Oracle(room);
        await room.PutProjectAsync(project => fault.Change(room, project));
        room.Commit();
        var knocked = fault.Door is { } door ? room.Gates.Close(door) : Task.CompletedTask;
        long id;
        using (fault.Hold(room))
        {
            id = await room.RequestAsync();
            await knocked.WaitAsync(TimeSpan.FromMinutes(2));
            await fault.Strike(room, id);
        }

        var deployment = await room.EndAsync(id);
        room.Gates.OpenAll();

        var status = deployment.GetProperty("status").GetString()!;
        var said = deployment.GetProperty("error").GetString() + "\n" + await room.LogAsync(id);
        Assert.True(fault.Ends.Contains(status, StringComparer.Ordinal), $"{fault.Name}: it ended as {status}.\n{said}");
        Assert.Contains(fault.Says, said, StringComparison.OrdinalIgnoreCase);
        await fault.Heal(room);
        await oracle.CheckAsync(id);

        await room.PutProjectAsync();
        await room.DeployWellAsync();
    }
}
