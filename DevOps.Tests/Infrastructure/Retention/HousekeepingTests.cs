using System.Globalization;
using DevOps.Core.Access;
using DevOps.Core.Deployments;
using DevOps.Core.Environments;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;
using DevOps.Core.Releases;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Docker;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Queue;
using DevOps.Infrastructure.Retention;
using DevOps.Infrastructure.Settings;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace DevOps.Tests.Infrastructure.Retention;

public sealed class HousekeepingTests : IAsyncLifetime
{
    private readonly PostgresFixture _postgres = new();
    private readonly FakeContainerEngine _engine = new();
    private readonly FakeArtifactStore _artifacts = new();
    private readonly PlatformOptions _platform = new() { DataFolder = Directory.CreateTempSubdirectory("keep-").FullName };
    private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServiceProvider _services = null!;
    private long _project;
    private long _environment;

    public async Task InitializeAsync()
    {
        await _postgres.InitializeAsync();
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build())
            .AddSingleton(TimeProvider.System)
            .AddSingleton(_platform)
            .AddSingleton(_postgres.DataSource)
            .AddSingleton(_postgres.Contexts)
            .AddSingleton<IContainerEngine>(_engine)
            .AddSingleton<IArtifactStore>(_artifacts)
            .AddSingleton<DeadContainers>()
            .AddSingleton<DevOps.Infrastructure.Audit.AuditTrail>()
            .AddQueue()
            .AddSettings()
            .AddSingleton<DevOps.Infrastructure.Audit.AuditTrail>()
            .AddRetention()
            .AddSingleton<IHousekeeping>(new Call(_called))
            .BuildServiceProvider();
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        var project = new Project { Key = "shop", Name = "Shop", Repository = new(), Build = new(), Deploy = new() };
        db.Projects.Add(project);
        await db.SaveChangesAsync();
        var environment = new DeploymentEnvironment { ProjectId = project.Id, Name = "production" };
        db.Environments.Add(environment);
        await db.SaveChangesAsync();
        (_project, _environment) = (project.Id, environment.Id);
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_platform.DataFolder, recursive: true);
    }

    [Fact]
    public async Task Entries_of_the_audit_log_go_by_the_limit_of_the_settings()
    {
        await using (var insert = _postgres.DataSource.CreateCommand("INSERT INTO audit_entries (at, actor, action, subject, summary) SELECT now() - n * interval '100 days', 'lin', 'test.old', 'test', 'x' FROM generate_series(1, 20) n"))
        {
            await insert.ExecuteNonQueryAsync();
        }

        await SetAuditDaysAsync(0);
        await RunAsync();
        Assert.Equal(20, await AuditAsync("test.old"));
        await SetAuditDaysAsync(450);
        await RunAsync();
        Assert.Equal((4, 1), (await AuditAsync("test.old"), await AuditAsync("audit.forget")));
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        Assert.Equal(await db.AuditEntries.CountAsync(), await db.AuditCounts.SumAsync(c => c.Delta));
    }

    [Fact]
    public async Task Changes_of_kept_counts_are_added_up_when_there_are_many()
    {
        await using (var insert = _postgres.DataSource.CreateCommand(
            """
            INSERT INTO audit_counts (day, delta) SELECT '2026-01-01', CASE WHEN n % 2 = 0 THEN 1 ELSE -1 END FROM generate_series(1, 2000) n;
            INSERT INTO deployment_counts (environment_id, status, stretch, delta) SELECT n % 2, 'queued', 7, 1 FROM generate_series(1, 2000) n
            """))
        {
            await insert.ExecuteNonQueryAsync();
        }

        await RunAsync();

        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        Assert.InRange(await db.AuditCounts.CountAsync(), 0, 100);
        Assert.Equal(await db.AuditEntries.CountAsync(), await db.AuditCounts.SumAsync(c => c.Delta));
        Assert.Equal([1000, 1000], await db.DeploymentCounts.Where(c => c.Delta > 1).Select(c => c.Delta).ToListAsync());
    }

    [Fact]
    public async Task Limit_that_was_stored_before_there_was_one_for_the_audit_log_stays_as_configured()
    {
        await using (var insert = _postgres.DataSource.CreateCommand("""INSERT INTO settings (key, value) VALUES ('platform.settings', '{"settings": {"retention": {"logDays": 50}}, "revision": 3}')"""))
        {
            await insert.ExecuteNonQueryAsync();
        }

        var options = Microsoft.Extensions.Options.Options.Create(new RetentionOptions { AuditDays = 0 });
        var limits = (await new SettingsReader(_postgres.Contexts, options).ReadAsync(CancellationToken.None)).Retention;

        Assert.Equal((0, 50), (limits.AuditDays, limits.LogDays));
    }

    [Fact]
    public async Task Containers_of_deployments_that_are_over_go_and_those_of_running_ones_stay()
    {
        var over = await DeploymentAsync(DeploymentStatus.Failed);
        var running = await DeploymentAsync(DeploymentStatus.Running);
        _engine.LeaveBehind(over);
        _engine.LeaveBehind(running);
        _engine.LeaveBehind(9_999);

        await RunAsync();

        Assert.Equal([running], await _engine.ListDeploymentsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Workspaces_of_deployments_that_are_over_go_and_nothing_else()
    {
        var over = await DeploymentAsync(DeploymentStatus.Cancelled);
        var queued = await DeploymentAsync(DeploymentStatus.Queued);
        foreach (var name in new[] { Text(over), Text(queued), "9999", "notes" })
        {
            Directory.CreateDirectory(Path.Combine(_platform.Folder("workspaces"), name, "source"));
        }

        await RunAsync();

        Assert.Equal(
            new[] { Text(queued), "notes" }.Order(), Directory.GetDirectories(_platform.Folder("workspaces")).Select(f => Path.GetFileName(f)!).Order());
    }

    [Fact]
    public async Task Logs_beyond_their_days_go_and_younger_ones_stay()
    {
        var old = await DeploymentAsync(DeploymentStatus.Succeeded);
        var young = await DeploymentAsync(DeploymentStatus.Succeeded);
        await using (var db = await _postgres.Contexts.CreateDbContextAsync())
        {
            db.LogChunks.AddRange(Enumerable.Range(1, 2500).Select(n => new LogChunk { DeploymentId = old, FirstLine = n, Count = 1, Payload = [1] }));
            db.LogChunks.Add(new LogChunk { DeploymentId = young, FirstLine = 1, Count = 1, Payload = [1] });
            await db.SaveChangesAsync();
            await db.Database.ExecuteSqlAsync($"UPDATE deployments SET finished_at = now() - interval '181 days' WHERE id = {old}");
            await db.Database.ExecuteSqlAsync($"UPDATE deployments SET finished_at = now() - interval '179 days' WHERE id = {young}");
        }

        await RunAsync();

        await using var check = await _postgres.Contexts.CreateDbContextAsync();
        Assert.Equal([young], await check.LogChunks.Select(c => c.DeploymentId).ToListAsync());
    }

    [Fact]
    public async Task Releases_beyond_both_limits_go_unless_something_may_still_want_them()
    {
        await using (var db = await _postgres.Contexts.CreateDbContextAsync())
        {
            for (var number = 1; number <= 30; number++)
            {
                db.Releases.Add(new Release
                {
                    ProjectId = _project,
                    Number = number,
                    CommitSha = Text(number),
                    BuildFingerprint = "f",
                    Sha256 = "s",
                    BuiltAt = DateTimeOffset.UtcNow.AddDays(number <= 8 ? -100 : -1),
                });
                await _artifacts.PackAsync(new PackRequest(_project, number, _platform.Folder("packed"), []), new RecordedOutput(), CancellationToken.None);
            }

            await db.SaveChangesAsync();
        }

        await ApplicationAsync(release: 3, previous: 2);
        await DeploymentAsync(DeploymentStatus.Queued, release: 5);

        await RunAsync();

        var left = new List<int>();
        for (var number = 1; number <= 30; number++)
        {
            if (await _artifacts.ReadManifestAsync(_project, number, CancellationToken.None) is not null)
            {
                left.Add(number);
            }
        }

        Assert.Equal([2, 3, 5, .. Enumerable.Range(9, 22)], left);
    }

    [Fact]
    public async Task Engine_that_is_away_does_not_keep_the_other_duties_from_being_done()
    {
        _engine.Away = true;
        var over = await DeploymentAsync(DeploymentStatus.Failed);
        Directory.CreateDirectory(Path.Combine(_platform.Folder("workspaces"), Text(over)));

        await RunAsync();

        Assert.Empty(Directory.GetDirectories(_platform.Folder("workspaces")));
    }

    [Fact]
    public async Task Process_that_is_no_worker_removes_nothing()
    {
        _platform.Roles = "web";
        _engine.LeaveBehind(9_999);

        await RunAsync();

        Assert.Equal([9_999], await _engine.ListDeploymentsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Quartz_calls_the_housekeeper()
    {
        var scheduler = await _services.GetRequiredService<ISchedulerFactory>().GetScheduler();
        await scheduler.Start();

        await scheduler.TriggerJob(new JobKey(RetentionServices.JobName));
        await _called.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await scheduler.Shutdown(waitForJobsToComplete: true);
    }

    [Fact]
    public async Task Limit_that_an_administrator_sets_counts_in_the_next_round()
    {
        var deployment = await DeploymentAsync(DeploymentStatus.Failed);
        await using (var db = await _postgres.Contexts.CreateDbContextAsync())
        {
            db.LogChunks.Add(new LogChunk { DeploymentId = deployment, FirstLine = 1, Count = 1, Payload = [1] });
            await db.SaveChangesAsync();
            var twoDaysAgo = DateTimeOffset.UtcNow.AddDays(-2);
            await db.Deployments.Where(d => d.Id == deployment).ExecuteUpdateAsync(set => set.SetProperty(d => d.FinishedAt, twoDaysAgo));
        }

        await RunAsync();
        await using var check = await _postgres.Contexts.CreateDbContextAsync();
        Assert.True(await check.LogChunks.AnyAsync());

        await _services.GetRequiredService<ChangeSettings>().RunAsync(
            DevOps.Core.Access.Actor.Platform, new DevOps.Core.Settings.PlatformSettings { Retention = new() { LogDays = 1 } }, null, CancellationToken.None);
        await RunAsync();
        Assert.False(await check.LogChunks.AnyAsync());
    }

    [Fact]
    public async Task Messages_that_ended_longAgo_go_and_waiting_ones_stay()
    {
        var longAgo = DateTimeOffset.UtcNow.AddDays(-31);
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        var channel = new DevOps.Core.Notifications.NotificationChannel { Name = "ops" };
        db.NotificationChannels.Add(channel);
        await db.SaveChangesAsync();
        db.NotificationDeliveries.AddRange(
            new() { ChannelId = channel.Id, Event = "test", State = DevOps.Core.Notifications.DeliveryState.Sent, CreatedAt = longAgo, SendAfter = longAgo, FinishedAt = longAgo },
            new() { ChannelId = channel.Id, Event = "failed", CreatedAt = longAgo, SendAfter = longAgo });
        await db.SaveChangesAsync();

        await RunAsync();

        Assert.Equal(["failed"], await db.NotificationDeliveries.Select(d => d.Event).ToListAsync());
    }

    [Fact]
    public async Task Events_beyond_their_days_go_and_how_far_is_kept()
    {
        var old = await DeploymentAsync(DeploymentStatus.Failed);
        await using (var age = _postgres.DataSource.CreateCommand("UPDATE deployment_events SET at = now() - interval '31 days'"))
        {
            await age.ExecuteNonQueryAsync();
        }

        var young = await DeploymentAsync(DeploymentStatus.Failed);
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        var last = await db.DeploymentEvents.Where(e => e.DeploymentId == old).MaxAsync(e => e.Id);

        await RunAsync();

        Assert.Equal([young], await db.DeploymentEvents.Select(e => e.DeploymentId).Distinct().ToListAsync());
        Assert.Equal(last, (await new DevOps.Infrastructure.Events.EventReader(_postgres.Contexts).SpanAsync(CancellationToken.None)).Begin);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task Webhook_deliveries_beyond_their_age_or_number_go()
    {
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        var old = new DevOps.Core.Webhooks.Delivery { ProjectId = _project, ReceivedAt = DateTimeOffset.UtcNow.AddDays(-31) };
        db.Deliveries.Add(old);
        await db.SaveChangesAsync();
        await db.Database.ExecuteSqlAsync($$"""
            INSERT INTO deliveries (project_id, provider, event, outcome, verdict, deployments, received_at, times, headers, body_bytes)
            SELECT {{_project}}, 'github', 'push', 'ignored', '""', '{}', now(), 1, '{}', 0 FROM generate_series(1, 10002)
            """);

        await RunAsync();

        Assert.False(await db.Deliveries.AnyAsync(d => d.Id == old.Id));
        Assert.Equal(10_000, await db.Deliveries.CountAsync());
    }

    private async Task SetAuditDaysAsync(int days)
    {
        var now = await _services.GetRequiredService<SettingsReader>().ReadAsync(CancellationToken.None);
        await _services.GetRequiredService<ChangeSettings>().RunAsync(Actor.Platform, now with { Retention = now.Retention with { AuditDays = days } }, null, CancellationToken.None);
    }

    private async Task<int> AuditAsync(string action)
    {
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        return await db.AuditEntries.CountAsync(a => a.Action == action);
    }

    private Task RunAsync() => _services.GetRequiredService<Housekeeper>().RunAsync(CancellationToken.None);

    private async Task<long> DeploymentAsync(DeploymentStatus status, int? release = null)
    {
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        var deployment = new Deployment { ProjectId = _project, EnvironmentId = _environment, RequestedBy = "lin", CreatedAt = DateTimeOffset.UtcNow, Release = release };
        db.Deployments.Add(deployment);
        await db.SaveChangesAsync();
        if (status != DeploymentStatus.Queued)
        {
            deployment.MoveTo(status == DeploymentStatus.Cancelled ? DeploymentStatus.Cancelled : DeploymentStatus.Running, DateTimeOffset.UtcNow);
            if (status.IsFinal() && status != DeploymentStatus.Cancelled)
            {
                deployment.MoveTo(status, DateTimeOffset.UtcNow);
            }

            await db.SaveChangesAsync();
        }

        return deployment.Id;
    }

    private async Task ApplicationAsync(int release, int previous)
    {
        await using var db = await _postgres.Contexts.CreateDbContextAsync();
        var credential = new DevOps.Core.Credentials.Credential { Name = "key", Ciphertext = [1] };
        db.Credentials.Add(credential);
        await db.SaveChangesAsync();
        var server = new DevOps.Core.Servers.Server { Name = "app-1", Host = "h", User = "u", CredentialId = credential.Id };
        db.Servers.Add(server);
        await db.SaveChangesAsync();
        db.Applications.Add(new Application { EnvironmentId = _environment, ServerId = server.Id, Path = "/srv", Release = release, PreviousRelease = previous, ActivatedAt = DateTimeOffset.UtcNow });
        await db.SaveChangesAsync();
    }

    private sealed class Call(TaskCompletionSource called) : IHousekeeping
    {
        public string Subject => "calls";

        public Task<int> RunAsync(CancellationToken cancellationToken)
        {
            called.TrySetResult();
            return Task.FromResult(0);
        }
    }
}
