using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Deployments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Chaos.Cuts;

/// <summary>A worker dies at one point of a deployment after the other: before a round trip to the database, before and behind each thing it does to the world.
/// Whoever comes next brings the deployment to the end it would have had. Random faults seldom meet a window of a millisecond; these come to every one of them
/// with <c>./test.sh --cuts</c>, and to some among the other tests.</summary>
public sealed class CutOffTests(CutOffPlatform platform) : IClassFixture<CutOffPlatform>
{
    [Fact]
    public async Task Success_stays_a_success_wherever_its_worker_dies()
    {
        var room = await CutOffRoom.MakeAsync(platform);
        await room.CutAsync(deployment =>
        {
            Assert.Equal((DeploymentStatus.Succeeded, RollbackState.None), (deployment.Status, deployment.Rollback));
            return deployment.Release;
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Success_stays_a_success_wherever_its_worker_loses_the_database_for_a_moment(bool unheard)
    {
        var room = await CutOffRoom.MakeAsync(platform);
        await room.BreakAsync(unheard, deployment =>
        {
            Assert.Equal((DeploymentStatus.Succeeded, RollbackState.None), (deployment.Status, deployment.Rollback));
            return deployment.Release;
        });
    }

    [Theory]
    [InlineData("r.build_fingerprint = ")]
    [InlineData("FROM secrets")]
    [InlineData("FROM log_chunks")]
    public async Task Question_that_the_database_does_not_hear_is_asked_again_in_the_same_attempt(string question)
    {
        var room = await CutOffRoom.MakeAsync(platform);

        Assert.True(await room.BreakAsync(question, deployment =>
        {
            Assert.Equal(DeploymentStatus.Succeeded, deployment.Status);
            return deployment.Release;
        }));

        await using var db = await platform.Contexts.CreateDbContextAsync();
        Assert.Equal(1, await db.Deployments.Where(d => d.Id == room.Latest).Join(db.Jobs, d => d.JobId, j => j.Id, (_, j) => j.Attempt).SingleAsync());
    }

    [Fact]
    public async Task Failure_is_taken_back_on_every_server_wherever_its_worker_dies()
    {
        var room = await CutOffRoom.MakeAsync(platform);
        room.OnNextRelease(_ => Task.FromResult(new RemoteExit(1, "", "", TimedOut: false)));
        await room.CutAsync(deployment =>
        {
            Assert.Equal((DeploymentStatus.Failed, RollbackState.Complete), (deployment.Status, deployment.Rollback));
            return room.Good;
        });
    }

    [Fact]
    public async Task Cancelled_deployment_is_taken_back_on_every_server_wherever_its_worker_dies()
    {
        var room = await CutOffRoom.MakeAsync(platform);
        room.OnNextRelease(async cancelled =>
        {
            await platform.Services.GetRequiredService<CancelDeployment>().RunAsync(Actor.Platform, room.Latest, CancellationToken.None);
            await Task.Delay(Timeout.Infinite, cancelled);
            throw new InvalidOperationException("It went on.");
        });
        await room.CutAsync(deployment =>
        {
            Assert.Equal((DeploymentStatus.Cancelled, RollbackState.Complete), (deployment.Status, deployment.Rollback));
            return room.Good;
        });
    }
}

/// <summary>A platform without a worker of its own.</summary>
public sealed class CutOffPlatform : DeploymentFixture
{
    protected override string Roles => "web";
}
