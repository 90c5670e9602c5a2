using System.Globalization;
using DevOps.Core.Deployments;
using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Deployments;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Chaos.Cuts;

/// <summary>A project on two servers with a good release, and deployments after it whose workers die, each at a later point than the one before.</summary>
internal sealed class CutOffRoom
{
    private const int Stride = 15;

    private readonly DeploymentFixture _platform;
    private readonly TestProject _project;
    private MortalWorker _worker;

    private CutOffRoom(DeploymentFixture platform, TestProject project, MortalWorker worker) => (_platform, _project, _worker) = (platform, project, worker);

    /// <summary>The release from before.</summary>
    public int Good { get; private set; }

    /// <summary>The deployment that was asked for last.</summary>
    public long Latest { get; private set; }

    public static async Task<CutOffRoom> MakeAsync(DeploymentFixture platform)
    {
        var room = new CutOffRoom(platform, await platform.ProjectAsync(servers: 2), new MortalWorker(platform));
        await room.RequestAsync();
        room.Good = (await room.EndAsync()).Release!.Value;
        return room;
    }

    /// <summary>What the last server answers to a restart with a release after the good one.</summary>
    public void OnNextRelease(Func<CancellationToken, Task<RemoteExit>> answer)
    {
        var last = _platform.Hosts[_project.Servers[^1]];
        last.Rule(c => c.Script.StartsWith("restart", StringComparison.Ordinal) && last.Current != Good, answer);
    }

    /// <summary>Deploys until a worker lives to the end.</summary>
    /// <param name="check">Looks at the deployment; answers which release its servers have to run.</param>
    public Task CutAsync(Func<DeploymentDetail, int?> check) => OneAfterTheOtherAsync(point => DieAsync(point, check));

    /// <summary>Deploys until the worker's line to the database does not break before the end.</summary>
    /// <param name="unheard">Whether it breaks behind what was asked for, not before.</param>
    /// <param name="check">See <see cref="CutAsync"/>.</param>
    public Task BreakAsync(bool unheard, Func<DeploymentDetail, int?> check) => OneAfterTheOtherAsync(point =>
    {
        _worker.Line.BreakAt(point, unheard);
        return LoseAsync(check, string.Create(CultureInfo.InvariantCulture, $"round trip {point}"));
    });

    /// <summary>Deploys once while the line to the database breaks before a statement.</summary>
    public async Task<bool> BreakAsync(string statement, Func<DeploymentDetail, int?> check)
    {
        await using var worker = _worker;
        worker.Line.BreakWhen(s => s.Contains(statement, StringComparison.Ordinal), unheard: false);
        return await LoseAsync(check, statement);
    }

    private async Task<bool> LoseAsync(Func<DeploymentDetail, int?> check, string place)
    {
        await RequestAsync();
        var deployment = await EndAsync();
        var broke = _worker.Line.HasBroken;
        await CheckAsync(deployment, check, broke ? $"lost its database for a moment at {place}" : "kept its database");
        return broke;
    }

    private async Task OneAfterTheOtherAsync(Func<int, Task<bool>> strikes)
    {
        var (point, stride) = Environment.GetEnvironmentVariable("DEVOPS_TEST_CUTS") is "all" ? (1, 1) : (Random.Shared.Next(1, Stride + 1), Stride);
        try
        {
            while (await strikes(point))
            {
                point += stride;
            }
        }
        finally
        {
            await _worker.DisposeAsync();
        }

        Assert.InRange(point, 50, 1000);
    }

    private async Task<bool> DieAsync(int point, Func<DeploymentDetail, int?> check)
    {
        var life = _worker.Life;
        life.EndAt(point);
        await RequestAsync();
        await Task.WhenAny(life.Over, EndAsync());
        var died = life.Over.IsCompleted;
        if (died)
        {
            var dead = _worker;
            await dead.DisposeAsync();
            await EndLeasesAsync();
            _worker = new MortalWorker(_platform);
            Assert.Empty(dead.BrokenServices);
        }

        await CheckAsync(await EndAsync(), check, died ? string.Create(CultureInfo.InvariantCulture, $"died at point {point}, {life.Place}") : "lived");
        return died;
    }

    private async Task RequestAsync()
    {
        _platform.Source.Commit("main", new Dictionary<string, string>(StringComparer.Ordinal), Guid.NewGuid().ToString());
        Latest = await _platform.RequestAsync(_project);
    }

    private async Task<DeploymentDetail> EndAsync()
    {
        await _platform.LogAsync(Latest);
        return await _platform.ReadAsync(Latest);
    }

    private async Task CheckAsync(DeploymentDetail deployment, Func<DeploymentDetail, int?> check, string fate)
    {
        var wrong = await Record.ExceptionAsync(() => CheckAsync(deployment, check(deployment)));
        Assert.True(wrong is null, $"The worker of deployment {Latest} {fate}. {wrong?.Message}\nError: {deployment.Error}\n{await _platform.LogAsync(Latest)}");
    }

    // Statuses agree with each other and with the servers, and nothing is left behind.
    private async Task CheckAsync(DeploymentDetail deployment, int? release)
    {
        Assert.DoesNotContain(deployment.Steps, s => s.Status == StepStatus.Running || (deployment.Status == DeploymentStatus.Succeeded && s.Status is not (StepStatus.Succeeded or StepStatus.Skipped)));
        Assert.All(_project.Servers, s => Assert.Equal(release, _platform.Hosts[s].Current));
        await using var db = await _platform.Contexts.CreateDbContextAsync();
        Assert.All(await db.Applications.Where(a => a.EnvironmentId == _project.EnvironmentId).Select(a => a.Release).ToListAsync(), r => Assert.Equal(release, r));
        Assert.Empty(await _platform.Engine.ListDeploymentsAsync(CancellationToken.None));
        var end = deployment.Status == DeploymentStatus.Cancelled ? "Cancelled by" : $"Deployment #{Latest.ToString(CultureInfo.InvariantCulture)} ";
        var log = await _platform.LogAsync(Latest);
        Assert.True(log.Split(end).Length == 2, "Its end is said not at all, or twice.");
        Assert.True(log.Split("Every switched server").Length <= 2, "Its way back is said twice.");
    }

    private async Task EndLeasesAsync()
    {
        await using var db = await _platform.Contexts.CreateDbContextAsync();
        await db.Database.ExecuteSqlAsync($"UPDATE jobs SET leased_until = now() - interval '1 second' WHERE state = 'running'");
    }
}
