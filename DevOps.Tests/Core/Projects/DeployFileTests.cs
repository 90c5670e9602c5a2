using System.Text.Json.Nodes;
using DevOps.Core.Projects;

namespace DevOps.Tests.Core.Projects;

/// <summary>What comes out when a file is put over the project's settings.</summary>
public sealed class DeployFileTests
{
    private static readonly BuildSpec Build = new()
    {
        Image = "node:22",
        Script = ["npm ci"],
        Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["CI"] = "true", ["LEVEL"] = "low" },
        Artifacts = ["dist/**"],
        MemoryMb = 1024,
        Cpus = 1,
    };

    private static readonly DeploySpec Deploy = new()
    {
        Path = "/srv/shop",
        Restart = ["systemctl restart shop"],
        Health = new HealthSpec { Url = "http://{host}/healthz", Retries = 3 },
        CommandTimeoutSeconds = 60,
    };

    [Fact]
    public void File_that_sets_nothing_changes_nothing_but_is_named_as_the_source()
    {
        var (config, held) = File().Over(Build, Deploy, []);

        Assert.Equal(ConfigSource.DeployFile, config.Source);
        Assert.Empty(held);
        Assert.Equivalent(Build, config.Build, strict: true);
        Assert.Equivalent(Deploy, config.Deploy, strict: true);
    }

    [Fact]
    public void Objects_are_merged_key_by_key_lists_and_values_as_a_whole()
    {
        var (config, _) = File(
            """{"script": ["make"], "variables": {"LEVEL": "high", "MORE": "1"}}""",
            """{"restart": ["./restart", "./warm"], "health": {"retries": 9}}""").Over(Build, Deploy, []);

        Assert.Equal(["make"], config.Build!.Script);
        Assert.Equal("node:22", config.Build.Image);
        Assert.Equal([("CI", "true"), ("LEVEL", "high"), ("MORE", "1")], config.Build.Variables.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => (v.Key, v.Value)));
        Assert.Equal(["./restart", "./warm"], config.Deploy.Restart);
        Assert.Equal(("http://{host}/healthz", 9), (config.Deploy.Health.Url, config.Deploy.Health.Retries));
    }

    [Fact]
    public void Limits_may_be_lowered_and_are_held_to_the_projects_when_raised()
    {
        var (config, held) = File(
            """{"memoryMb": 4096, "cpus": 0.5, "pids": 4096, "timeoutSeconds": 86400}""",
            """{"commandTimeoutSeconds": 3600}""").Over(Build, Deploy, []);

        Assert.Equal((1024, 0.5, 2048, 1800, 60), (config.Build!.MemoryMb, config.Build.Cpus, config.Build.Pids, config.Build.TimeoutSeconds, config.Deploy.CommandTimeoutSeconds));
        Assert.Equal(
            ["build.memoryMb 4096", "build.pids 4096", "build.timeoutSeconds 86400", "deploy.commandTimeoutSeconds 3600"],
            held.Select(h => string.Join(' ', h.Split(' ')[3..5]).TrimEnd(';')));
        Assert.Equal("deploy.yml asks for build.memoryMb 4096; the project gives 1024, which is used.", held[0]);
    }

    [Theory]
    [InlineData("""{"rolling": {"confirmAfterFirst": false}}""", 2)]
    [InlineData("""{"rolling": {"confirmAfterFirst": false, "first": 0}}""", 1)]
    [InlineData("""{"rolling": {"first": 1000}}""", 2)]
    [InlineData("""{"rolling": {"first": 1}}""", 1)]
    public void Word_of_a_person_that_the_project_wants_cannot_be_left_out(string part, int first)
    {
        var careful = Deploy with { Rolling = new RollingSpec { ConfirmAfterFirst = true, First = 2 } };

        var (config, _) = File("{}", part).Over(Build, careful, []);

        Assert.Equal((true, first), (config.Deploy.Rolling.ConfirmAfterFirst, config.Deploy.Rolling.First));
        Assert.Equal(config.Deploy.Rolling, DeployFile.Over(careful, config.DeployPart).Rolling);
    }

    [Fact]
    public void Part_kept_with_a_release_is_held_to_what_the_project_gives_today()
    {
        var part = File("{}", """{"commandTimeoutSeconds": 50, "keepReleases": 9}""").DeployPart;

        var deploy = DeployFile.Over(Deploy with { Path = "/srv/moved", CommandTimeoutSeconds = 20 }, part);

        Assert.Equal(("/srv/moved", 20, 9), (deploy.Path, deploy.CommandTimeoutSeconds, deploy.KeepReleases));
        Assert.Same(Deploy, DeployFile.Over(Deploy, null));
    }

    [Theory]
    [InlineData("bridge", "none", true)]
    [InlineData("bridge", "bridge", true)]
    [InlineData("backend", "backend", true)]
    [InlineData("bridge", "host", false)]
    [InlineData("none", "bridge", false)]
    [InlineData("backend", "bridge", false)]
    [InlineData("bridge", "backend", false)]
    public void Build_gets_no_further_into_the_network_than_the_project_lets_it(string project, string asked, bool accepted)
    {
        var file = File($$"""{"network": "{{asked}}"}""");
        var build = Build with { Network = project };

        if (accepted)
        {
            Assert.Equal(asked, file.Over(build, Deploy, []).Config.Build!.Network);
        }
        else
        {
            Assert.Contains("build.network: A file can choose none", Refusal(() => file.Over(build, Deploy, [])), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Secret_of_the_project_cannot_be_replaced_by_a_variable() => Assert.Contains(
        "build.variables.NPM_TOKEN: The project has a secret of this name",
        Refusal(() => File("""{"variables": {"NPM_TOKEN": "mine"}}""").Over(Build, Deploy, ["NPM_TOKEN"])),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"image": "-v/:/host"}""", "{}", "build.image")]
    [InlineData("""{"image": ""}""", "{}", "build.image")]
    [InlineData("""{"cpus": 65}""", "{}", "build.cpus")]
    [InlineData("""{"memoryMb": -1}""", "{}", "build.memoryMb")]
    [InlineData("""{"network": "container:platform"}""", "{}", "build.network")]
    [InlineData("""{"artifacts": ["../../etc/passwd"]}""", "{}", "build.artifacts")]
    [InlineData("""{"caches": ["/proc/1"]}""", "{}", "build.caches[0]")]
    [InlineData("""{"variables": {"PATH": "."}}""", "{}", "build.variables.PATH")]
    [InlineData("{}", """{"shared": ["../other/"]}""", "deploy.shared[0]")]
    [InlineData("{}", """{"health": {"url": "file:///etc/passwd"}}""", "deploy.health.url")]
    [InlineData("{}", """{"rolling": {"batch": "0"}}""", "deploy.rolling.batch")]
    [InlineData("{}", """{"keepReleases": 0}""", "deploy.keepReleases")]
    public void What_the_project_could_not_be_given_a_file_cannot_either(string build, string deploy, string field) =>
        Assert.Contains($"\n{field}: ", Refusal(() => File(build, deploy).Over(Build, Deploy, [])), StringComparison.Ordinal);

    [Fact]
    public void Fault_names_the_line_of_its_key_or_of_what_the_key_belongs_to()
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal) { ["build"] = 2, ["build.image"] = 3, ["deploy"] = 5, ["deploy.shared"] = 6, ["deploy.shared[0]"] = 7 };
        var file = new DeployFile([], [], lines) with { Build = Json("""{"image": "", "network": "host"}"""), Deploy = Json("""{"shared": ["../x"]}""") };

        var told = Refusal(() => file.Over(Build, Deploy, []));

        Assert.StartsWith("deploy.yml cannot be accepted.\nLine 2, build.network: ", told, StringComparison.Ordinal);
        Assert.Contains("\nLine 3, build.image: ", told, StringComparison.Ordinal);
        Assert.Contains("\nLine 7, deploy.shared[0]: ", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_faults_are_counted_and_not_all_told()
    {
        var variables = new JsonObject(Enumerable.Range(0, 50).Select(i => KeyValuePair.Create($"NOT-{i}", (JsonNode?)"x")));

        var told = Refusal(() => (File() with { Build = new JsonObject { ["variables"] = variables } }).Over(Build, Deploy, []));

        Assert.EndsWith("There are 40 more.", told, StringComparison.Ordinal);
        Assert.InRange(told.Length, 0, 4000);
    }

    private static DeployFile File(string build = "{}", string deploy = "{}") => new(Json(build), Json(deploy), new Dictionary<string, int>(StringComparer.Ordinal));

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private static string Refusal(Action act) => Assert.Throws<DeployFileRefused>(act).Message;
}
