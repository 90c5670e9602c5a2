using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using DevOps.Tests.Fixtures;
using Microsoft.Playwright;

namespace DevOps.Tests.EndToEnd;

[Collection(RealPlatformCollection.Name)]
public sealed partial class DeployByPageTests(RealPlatform platform)
{
    [Fact]
    public async Task Project_goes_from_git_to_two_servers_and_back_by_buttons()
    {
        using var git = new GitFixture("pages");
        git.Write("build.sh", "mkdir -p site\ncp page.txt site/page.txt\necho built $DEPLOY_PROJECT with $TOKEN\n").Write("page.txt", "one").Commit("First page");
        await platform.Docker.TagAsync("busybox:page");
        var folder = Directory.CreateDirectory(Path.Combine(platform.Ssh.Root, "www")).FullName;
        await platform.AddServerAsync("page-1", platform.Ssh.Server);
        await platform.AddServerAsync("page-2", await platform.Ssh.StartServerAsync("page-2"));
        await platform.SendAsync(HttpMethod.Post, "projects", new
        {
            key = "pages",
            name = "Pages",
            repository = new { url = git.Url, branch = "main" },
            build = new { image = "busybox:page", script = new[] { "sh build.sh" }, artifacts = new[] { "site/**" }, network = "none", secrets = new Dictionary<string, string>(StringComparer.Ordinal) { ["TOKEN"] = "s3cret-value-of-the-build" } },
            deploy = new { path = folder + "/{server}", shared = new[] { "storage/" }, restart = new[] { "cat site/page.txt > $DEPLOY_PATH/running" }, health = new { command = "grep -q . $DEPLOY_PATH/running", retries = 3, intervalSeconds = 1 } },
        });
        await platform.SendAsync(HttpMethod.Put, "projects/pages/environments/dev", new { position = 1, servers = new[] { "page-1", "page-2" } });

        await using var tab = await platform.OpenAsync("/projects/pages");
        var first = await DeployAsync(tab, "pages", "dev");
        Assert.Equal("succeeded", (await platform.EndedAsync(first)).GetProperty("status").GetString());
        Assert.Equal(["one", "one"], Running(folder));

        // The page became true by itself: nobody reloads it.
        await tab.Page.GetByText("Succeeded").First.WaitForAsync();
        await tab.Page.GetByText($"Deployment #{first} succeeded.").First.WaitForAsync();

        git.Write("page.txt", "two").Commit("Second page");
        var second = await DeployAsync(tab, "pages", "dev");
        Assert.Equal("succeeded", (await platform.EndedAsync(second)).GetProperty("status").GetString());
        Assert.Equal(["two", "two"], Running(folder));

        await tab.GoAsync($"/deployments/{second}");
        await tab.PressAsync("Roll back to 1");
        await tab.Page.Locator(".rz-dialog").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Roll back to 1" }).ClickAsync();
        await tab.ArriveAsync($@"/deployments/(?!{second}$)\d+");
        var back = await platform.EndedAsync(IdOf(tab.Page.Url));
        Assert.Equal(("succeeded", "rollback"), (back.GetProperty("status").GetString(), back.GetProperty("trigger").GetString()));
        Assert.Equal(["one", "one"], Running(folder));
        var log = await platform.LogAsync(first);
        Assert.True(log.Contains("built pages with ***", StringComparison.Ordinal), log);
        Assert.Empty(tab.Troubles);
    }

    [Fact]
    public async Task This_repository_published_in_a_container_answers_on_its_health_address()
    {
        var image = await platform.Docker.SdkImageAsync();
        using var source = RepositoryCopy.Make();
        var database = new PostgresFixture();
        await database.InitializeAsync();
        var port = FreePort();
        var folder = Directory.CreateDirectory(Path.Combine(platform.Ssh.Root, "self")).FullName;
        await platform.AddServerAsync("self", await platform.Ssh.StartServerAsync("self"));
        await platform.SendAsync(HttpMethod.Post, "projects", new
        {
            key = "self",
            name = "This platform",
            repository = new { url = source.Url, branch = "main" },
            build = new
            {
                image,
                script = new[] { "dotnet publish DevOps.Blazor -c Release -o out -p:UseSharedCompilation=false -p:RunAnalyzers=false -p:RestoreLockedMode=false" },
                artifacts = new[] { "out/**" },
                network = "none",
                memoryMb = 4096,
                timeoutSeconds = 900,
            },
            deploy = new
            {
                path = folder,
                restart = new[]
                {
                    "if [ -f $DEPLOY_PATH/pid ]; then kill $(cat $DEPLOY_PATH/pid) || true; fi",
                    "cd out && setsid nohup dotnet DevOps.Blazor.dll > $DEPLOY_PATH/app.log 2>&1 < /dev/null & echo $! > $DEPLOY_PATH/pid",
                },
                health = new { url = $"http://{{host}}:{port}/healthz", retries = 60, intervalSeconds = 1 },
            },
        });
        await platform.SendAsync(HttpMethod.Put, "projects/self/environments/dev", new
        {
            position = 1,
            servers = new[] { "self" },
            variables = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["DEVOPS_PORT"] = port.ToString(CultureInfo.InvariantCulture),
                ["DEVOPS_DATA"] = Path.Combine(folder, "data"),
                ["DEVOPS_ROLES"] = "web",
            },
            secrets = new Dictionary<string, string>(StringComparer.Ordinal) { ["ConnectionStrings__Default"] = database.ConnectionString },
        });

        try
        {
            await using var tab = await platform.OpenAsync("/projects/self");
            var id = await DeployAsync(tab, "self", "dev");

            var deployment = await platform.EndedAsync(id);

            Assert.True(
                string.Equals(deployment.GetProperty("status").GetString(), "succeeded", StringComparison.Ordinal),
                deployment.GetProperty("error").GetString() + "\n" + await platform.LogAsync(id) + "\n" + LogOf(folder));
            using var client = new HttpClient();
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"http://127.0.0.1:{port}/healthz")).StatusCode);
            await tab.Page.GetByText("Succeeded").First.WaitForAsync();
            Assert.DoesNotContain("Password=", await platform.LogAsync(id), StringComparison.Ordinal);
        }
        finally
        {
            Stop(Path.Combine(folder, "pid"));
            await database.DisposeAsync();
        }
    }

    private static string LogOf(string folder) => File.Exists(Path.Combine(folder, "app.log")) ? File.ReadAllText(Path.Combine(folder, "app.log")) : "";

    private static async Task<long> DeployAsync(BrowserTab tab, string project, string environment)
    {
        await tab.GoAsync("/projects/" + project);
        await tab.Page.Locator($"section[aria-label='{environment}']").GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Deploy" }).ClickAsync();
        await tab.PressAsync($"Deploy to {environment}");
        await tab.ArriveAsync(@"/deployments/\d+");
        return IdOf(tab.Page.Url);
    }

    private static long IdOf(string url) => long.Parse(DeploymentUrl().Match(url).Groups["id"].ValueSpan, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Running(string folder) =>
        new[] { "page-1", "page-2" }.Select(s => File.ReadAllText(Path.Combine(folder, s, "running")).Trim());

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Stop(string pidFile)
    {
        if (File.Exists(pidFile))
        {
            using var process = System.Diagnostics.Process.GetProcessById(int.Parse(File.ReadAllText(pidFile).Trim(), CultureInfo.InvariantCulture));
            process.Kill(entireProcessTree: true);
        }
    }

    [GeneratedRegex("/deployments/(?<id>[0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex DeploymentUrl();
}
