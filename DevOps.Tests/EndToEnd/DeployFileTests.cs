using System.Text.Json;
using DevOps.Tests.Fixtures;
using Microsoft.Playwright;

namespace DevOps.Tests.EndToEnd;

/// <summary>A real repository with a <c>deploy.yml</c>, built in a real container and put on a real server.</summary>
[Collection(RealPlatformCollection.Name)]
public sealed class DeployFileTests(RealPlatform platform)
{
    [Fact]
    public async Task Each_commit_is_built_and_deployed_as_its_own_file_says_and_goes_back_as_the_old_one_said()
    {
        using var git = new GitFixture("filed");
        await platform.Docker.TagAsync("busybox:filed");
        var folder = Directory.CreateDirectory(Path.Combine(platform.Ssh.Root, "filed")).FullName;
        await platform.AddServerAsync("filed-1", platform.Ssh.Server);
        await platform.SendAsync(HttpMethod.Post, "projects", new
        {
            key = "filed",
            repository = new { url = git.Url, branch = "main", allowDeployFile = true },
            build = new { image = "busybox:filed", script = new[] { "echo project > out.txt" }, artifacts = new[] { "out.txt" }, network = "none", memoryMb = 256 },
            deploy = new { path = folder, restart = new[] { "echo project > $DEPLOY_PATH/how" } },
        });
        await platform.SendAsync(HttpMethod.Put, "projects/filed/environments/dev", new { position = 1, servers = new[] { "filed-1" } });

        git.Write("deploy.yml", "build:\n  script:\n    - echo one > out.txt\n  memoryMb: 4096\ndeploy:\n  restart:\n    - cat out.txt > $DEPLOY_PATH/running\n    - echo first file > $DEPLOY_PATH/how\n").Commit("First");
        var first = await DeployAsync();
        Assert.Equal(("succeeded", "deployFile"), Of(first));
        Assert.Equal(("one", "first file"), (Read("running"), Read("how")));
        Assert.Equal(256, first.GetProperty("config").GetProperty("build").GetProperty("memoryMb").GetInt32());

        await using var tab = await platform.OpenAsync($"/deployments/{first.GetProperty("id")}");
        await tab.Page.GetByText($"from deploy.yml at commit {first.GetProperty("commit").GetProperty("sha").GetString()![..7]}").ClickAsync();
        await tab.Page.Locator("pre", new PageLocatorOptions { HasText = "- echo one > out.txt" }).WaitForAsync();
        Assert.Empty(tab.Troubles);

        git.Write("deploy.yml", "build:\n  script: [echo two > out.txt]\ndeploy:\n  restart: [cat out.txt > $DEPLOY_PATH/running, echo second file > $DEPLOY_PATH/how]\n").Commit("Second");
        var second = await DeployAsync();
        Assert.Equal(("succeeded", "deployFile"), Of(second));
        Assert.Equal(("two", "second file"), (Read("running"), Read("how")));

        git.Write("deploy.yml", "build:\n  script: [echo three > out.txt]\nservers: [someone-elses]\n").Commit("Third");
        var third = await DeployAsync();
        Assert.Equal("failed", third.GetProperty("status").GetString());
        Assert.Contains("Line 3, servers: This belongs to the project and cannot be set by a file.", third.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(("two", "second file"), (Read("running"), Read("how")));

        var back = await EndedAsync(await platform.SendAsync(HttpMethod.Post, $"deployments/{second.GetProperty("id")}/rollback"));
        Assert.Equal(("succeeded", "deployFile"), Of(back));
        Assert.Equal(("one", "first file"), (Read("running"), Read("how")));

        async Task<JsonElement> DeployAsync() => await EndedAsync(await platform.SendAsync(HttpMethod.Post, "projects/filed/deployments", new { environment = "dev" }));

        Task<JsonElement> EndedAsync(JsonElement ticket) => platform.EndedAsync(ticket.GetProperty("id").GetInt64());

        string Read(string name) => File.ReadAllText(Path.Combine(folder, name)).Trim();
    }

    private static (string? Status, string? Source) Of(JsonElement deployment) => (deployment.GetProperty("status").GetString(), deployment.GetProperty("configSource").GetString());
}
