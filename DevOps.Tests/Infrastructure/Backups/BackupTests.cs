using DevOps.Core.Access;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using DevOps.Core.Settings;
using DevOps.Infrastructure.Backups;
using DevOps.Infrastructure.Hosting;
using DevOps.Infrastructure.Settings;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace DevOps.Tests.Infrastructure.Backups;

public sealed class BackupTests(DeploymentFixture platform) : IClassFixture<DeploymentFixture>
{
    [Fact]
    public async Task Backup_can_be_restored_into_an_empty_database_and_only_the_newest_stay()
    {
        var project = await platform.ProjectAsync();
        await platform.Services.GetRequiredService<ChangeSettings>().RunAsync(
            Actor.Platform, new PlatformSettings { Backup = new BackupPlan { Keep = 1 } }, null, CancellationToken.None);
        var folder = Path.Combine(platform.DataFolder, "backups");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "devops-20200101T000000Z.dump"), "an old one");

        await platform.Services.GetRequiredService<StartBackup>().RunAsync(Actor.Platform, CancellationToken.None);
        var file = Assert.Single((await WaitAsync(v => !v.Running)).Items);

        Assert.NotEqual("devops-20200101T000000Z.dump", file.Name);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, file.Name)));
        Assert.Contains(project.Key, await RestoredProjectsAsync(Path.Combine(folder, file.Name)));
    }

    [Fact]
    public async Task Second_backup_at_the_same_time_is_refused()
    {
        await using var hold = await platform.Postgres.DataSource.OpenConnectionAsync();
        await using (var insert = new NpgsqlCommand("INSERT INTO jobs (kind, payload, state, priority, run_after, attempt, max_attempts, created_at) VALUES ('backup', '{}', 'available', 0, now() + interval '1 hour', 0, 1, now())", hold))
        {
            await insert.ExecuteNonQueryAsync();
        }

        var refused = await Assert.ThrowsAsync<Conflict>(() => platform.Services.GetRequiredService<StartBackup>().RunAsync(Actor.Platform, CancellationToken.None));

        Assert.Equal("running", refused.Reason);
        await using var delete = new NpgsqlCommand("DELETE FROM jobs WHERE kind = 'backup' AND state = 'available'", hold);
        await delete.ExecuteNonQueryAsync();
    }

    private async Task<BackupsView> WaitAsync(Func<BackupsView, bool> wished)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var changed = new SemaphoreSlim(0);
        using var subscription = platform.Services.GetRequiredService<ChangeFeed>().Subscribe(_ => changed.Release());
        while (true)
        {
            var view = await platform.Services.GetRequiredService<BackupQueries>().GetAsync(Actor.Platform, limit.Token);
            if (wished(view))
            {
                Assert.Null(view.LastError);
                return view;
            }

            // The end of the job is written a moment after the file is there.
            await changed.WaitAsync(TimeSpan.FromSeconds(1), limit.Token);
        }
    }

    private async Task<string> RestoredProjectsAsync(string file)
    {
        await using (var create = platform.Postgres.DataSource.CreateCommand("CREATE DATABASE restored"))
        {
            await create.ExecuteNonQueryAsync();
        }

        var target = new NpgsqlConnectionStringBuilder(platform.Postgres.ConnectionString) { Database = "restored" };
        var bin = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last();
        await LocalProcess.RunAsync(
            [Path.Combine(bin, "bin", "pg_restore"), "--no-owner", "--exit-on-error", "-h", target.Host!, "-p", target.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "-U", target.Username!, "-d", "restored", file],
            TimeSpan.FromMinutes(1),
            CancellationToken.None,
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PGPASSWORD"] = target.Password ?? "" });
        await using var source = NpgsqlDataSource.Create(target.ConnectionString);
        await using var read = source.CreateCommand("SELECT string_agg(key, ' ') FROM projects");
        return (string)(await read.ExecuteScalarAsync())!;
    }
}
