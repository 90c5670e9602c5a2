using DevOps.Tests.Fixtures;

namespace DevOps.Tests.EndToEnd;

/// <summary>The platform killed with -9 in the middle of a deployment, and started again.</summary>
public sealed class KilledPlatformTests(DockerFixture docker, SshServerFixture ssh) : IClassFixture<DockerFixture>, IClassFixture<SshServerFixture>
{
    [Theory]
    [InlineData("building", 1)]
    [InlineData("restarting", 2)]
    public async Task Deployment_goes_on_after_the_platform_was_killed(string moment, int number)
    {
        using var git = new GitFixture("killed");
        git.Write("build.sh", "echo building\nsleep 4\necho $DEPLOY_RELEASE > app.txt\n").Commit();
        await docker.TagAsync("busybox:killed");
        var postgres = new PostgresFixture();
        await postgres.InitializeAsync();
        var data = Directory.CreateTempSubdirectory("devops-killed-").FullName;
        var target = Path.Combine(ssh.Root, $"killed-{number}");
        var name = $"killed-{number}";
        try
        {
            long id;
            await using (var first = await PlatformProcess.StartAsync(data, postgres.ConnectionString, docker.Host))
            {
                await SetUpAsync(first, name, git.Url, target);
                id = (await first.SendAsync(HttpMethod.Post, $"projects/{name}/deployments", new { environment = "dev" })).GetProperty("id").GetInt64();
                await first.FollowAsync(id, moment);
                await first.KillAsync();
            }

            await using var second = await PlatformProcess.StartAsync(data, postgres.ConnectionString, docker.Host);
            await second.FollowAsync(id, "event: end");

            var deployment = await second.SendAsync(HttpMethod.Get, $"deployments/{id}");
            var log = await second.Client.GetStringAsync($"/api/v1/deployments/{id}/log");
            Assert.True(string.Equals(deployment.GetProperty("status").GetString(), "succeeded", StringComparison.Ordinal), deployment.GetRawText() + "\n" + log);
            Assert.Equal("restarted", (await File.ReadAllTextAsync(Path.Combine(target, "state"))).Trim());
            Assert.DoesNotContain(id, await docker.CreateEngine(InstallationOf(data)).ListDeploymentsAsync(CancellationToken.None));
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(data, "workspaces")));
        }
        finally
        {
            await postgres.DisposeAsync();
            Directory.Delete(data, recursive: true);
        }
    }

    private static string InstallationOf(string data) => File.ReadAllText(Directory.EnumerateFiles(Path.Combine(data, "docker")).Single()).Trim();

    private async Task SetUpAsync(PlatformProcess platform, string name, string repository, string target)
    {
        await platform.SendAsync(HttpMethod.Post, "credentials", new { name, kind = "sshKey", value = ssh.UserKey });
        await platform.SendAsync(HttpMethod.Post, "servers", new { name, host = "127.0.0.1", port = ssh.Server.Port, user = Environment.UserName, credential = name });
        var scanned = await platform.SendAsync(HttpMethod.Get, $"servers/{name}/host-key");
        await platform.SendAsync(HttpMethod.Post, $"servers/{name}/host-key", new { fingerprint = scanned.GetProperty("fingerprint").GetString() });
        await platform.SendAsync(HttpMethod.Post, "projects", new
        {
            key = name,
            name,
            repository = new { url = repository, branch = "main" },
            build = new { image = "busybox:killed", script = new[] { "sh build.sh" }, artifacts = new[] { "app.txt" }, network = "none" },
            deploy = new { path = target, restart = new[] { "echo restarting; sleep 4; echo restarted > $DEPLOY_PATH/state" } },
        });
        await platform.SendAsync(HttpMethod.Put, $"projects/{name}/environments/dev", new { position = 1, servers = new[] { name } });
    }
}
