using System.Net;
using System.Net.Http.Json;
using DevOps.Infrastructure.Queue;

namespace DevOps.Tests.Chaos;

/// <summary>What is refused before anything begins, and how soon what was interrupted goes on.</summary>
[Collection(FaultCollection.Name)]
public sealed class RecoveryTests(FaultRoom room)
{
    // The platform looks at the very moment; a busy machine may need longer to do what comes then.
    private static readonly TimeSpan BusyMachine = TimeSpan.FromSeconds(45);

    [Fact]
    public async Task Killed_platform_takes_its_deployment_up_again_when_the_lease_ends()
    {
        await room.PutProjectAsync();
        room.Commit();
        var knocked = room.Gates.Close("build");
        var id = await room.RequestAsync();
        await knocked.WaitAsync(TimeSpan.FromMinutes(2));

        await room.Platform.KillAsync();
        var killed = await TimeAsync("SELECT now()");
        var lease = await TimeAsync($"SELECT leased_until FROM jobs WHERE id = (SELECT job_id FROM deployments WHERE id = {id})");
        var again = room.Gates.Close("build");
        await room.StartPlatformAsync();
        var started = await TimeAsync("SELECT now()");
        await again.WaitAsync(TimeSpan.FromMinutes(2));
        var goesOn = await TimeAsync($"SELECT started_at FROM deployment_steps WHERE deployment_id = {id} AND name = 'build'");
        room.Gates.OpenAll();

        Assert.Equal("succeeded", (await room.EndAsync(id)).GetProperty("status").GetString());
        Assert.True(lease <= killed + new QueueOptions().Lease, $"killed at {killed:O}, the lease lasts until {lease:O}");
        Assert.InRange(goesOn, killed, (lease > started ? lease : started) + BusyMachine);
        Assert.Equal(TimeSpan.FromSeconds(15), new QueueOptions().Lease);
        await new Oracle(room).CheckAsync(id);
    }

    [Theory]
    [InlineData("--upload-pack=touch owned", "dist/**", "branch")]
    [InlineData("main", "../../etc/**", "artifacts")]
    [InlineData("main", "/etc/passwd", "artifacts")]
    public async Task Recipe_that_would_lead_elsewhere_is_refused(string branch, string artifact, string field)
    {
        await room.PutProjectAsync();
        (room.Project.Branch, room.Project.Artifacts) = (branch, [artifact]);

        var answer = await room.Platform.Client.PutAsJsonAsync($"/api/v1/projects/{FaultProject.Key}", room.Project.Body(room.Target));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(field, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deployment_of_a_branch_named_like_an_option_is_refused_and_nothing_begins()
    {
        await room.PutProjectAsync();
        var body = new { environment = "dev", @ref = "--upload-pack=touch owned" };

        var answer = await room.Platform.Client.PostAsJsonAsync($"/api/v1/projects/{FaultProject.Key}/deployments", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("ref", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await room.DeployWellAsync();
    }

    private async Task<DateTime> TimeAsync(string sql)
    {
        await using var command = room.Database.CreateCommand(sql);
        return (DateTime)(await command.ExecuteScalarAsync())!;
    }
}
