using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Core.Projects;

public sealed class ProjectDraftTests
{
    private static readonly ProjectDraft Good = Rooms.Draft();

    [Fact]
    public void Good_draft_has_no_faults() => Assert.Empty(FaultsOf(Good));

    [Fact]
    public void Project_without_a_build_has_no_faults() => Assert.Empty(FaultsOf(Good with { Build = new BuildSpec() }));

    [Fact]
    public void Every_fault_is_named_at_once() => Assert.Equal(
        ["build.cpus", "build.image", "build.memoryMb", "deploy.path", "key", "name", "repository.branch", "repository.url"],
        FaultsOf(Good with
        {
            Key = "-",
            Name = " ",
            Repository = new RepositorySpec { Url = "", Branch = "-x" },
            Build = Good.Build with { Image = "-v", Cpus = double.NaN, MemoryMb = 63 },
            Deploy = new DeploySpec(),
        }));

    public static TheoryData<string, BuildSpec> BadBuilds { get; } = new()
    {
        { "build.cpus", Good.Build with { Cpus = 0 } },
        { "build.cpus", Good.Build with { Cpus = 64.1 } },
        { "build.memoryMb", Good.Build with { MemoryMb = 262145 } },
        { "build.pids", Good.Build with { Pids = 15 } },
        { "build.timeoutSeconds", Good.Build with { TimeoutSeconds = 9 } },
        { "build.timeoutSeconds", Good.Build with { TimeoutSeconds = 86401 } },
        { "build.network", Good.Build with { Network = "container:platform" } },
        { "build.network", Good.Build with { Network = "" } },
        { "build.image", Good.Build with { Image = "" } },
        { "build.script", Good.Build with { Script = [.. Enumerable.Repeat("true", 201)] } },
        { "build.script", Good.Build with { Script = [new string('x', 65537)] } },
        { "build.script[0]", Good.Build with { Script = ["a\0b"] } },
        { "build.script[0]", Good.Build with { Script = ["a\r\nb"] } },
        { "build.script[0]", Good.Build with { Script = [null!] } },
        { "build.artifacts", Good.Build with { Artifacts = [] } },
        { "build.artifacts", Good.Build with { Artifacts = ["../x"] } },
        { "build.variables.A-B", Good.Build with { Variables = new Dictionary<string, string> { ["A-B"] = "" } } },
        { "build.variables.PATH", Good.Build with { Variables = new Dictionary<string, string> { ["PATH"] = "." } } },
        { "build.variables.A", Good.Build with { Variables = new Dictionary<string, string> { ["A"] = null! } } },
        { "build.caches[0]", Good.Build with { Caches = ["/"] } },
        { "build.caches[0]", Good.Build with { Caches = ["/workspace"] } },
        { "build.caches[0]", Good.Build with { Caches = ["/proc/1"] } },
        { "build.caches[0]", Good.Build with { Caches = ["/root/../etc"] } },
        { "build.caches[0]", Good.Build with { Caches = ["/a:/b"] } },
        { "build.caches[0]", Good.Build with { Caches = ["root/.npm"] } },
        { "build.caches[1]", Good.Build with { Caches = ["/root/.npm", "/root/.npm"] } },
    };

    [Theory]
    [MemberData(nameof(BadBuilds))]
    public void Bad_build_names_its_field(string field, BuildSpec build) => Assert.Equal([field], FaultsOf(Good with { Build = build }));

    public static TheoryData<string, DeploySpec> BadDeploys { get; } = new()
    {
        { "deploy.keepReleases", Good.Deploy with { KeepReleases = 0 } },
        { "deploy.keepReleases", Good.Deploy with { KeepReleases = 101 } },
        { "deploy.commandTimeoutSeconds", Good.Deploy with { CommandTimeoutSeconds = 0 } },
        { "deploy.shared[0]", Good.Deploy with { Shared = ["../x"] } },
        { "deploy.shared[0]", Good.Deploy with { Shared = ["/etc/passwd"] } },
        { "deploy.shared[0]", Good.Deploy with { Shared = [""] } },
        { "deploy.shared[1]", Good.Deploy with { Shared = ["storage/", "storage/logs"] } },
        { "deploy.restart[0]", Good.Deploy with { Restart = ["a\u0007"] } },
        { "deploy.health.retries", Good.Deploy with { Health = new HealthSpec { Retries = 0 } } },
        { "deploy.health.retries", Good.Deploy with { Health = new HealthSpec { Retries = 1001 } } },
        { "deploy.health.timeoutSeconds", Good.Deploy with { Health = new HealthSpec { TimeoutSeconds = 0 } } },
        { "deploy.health.intervalSeconds", Good.Deploy with { Health = new HealthSpec { IntervalSeconds = -1 } } },
        { "deploy.rolling.maxFailures", Good.Deploy with { Rolling = new RollingSpec { MaxFailures = -1 } } },
    };

    [Theory]
    [MemberData(nameof(BadDeploys))]
    public void Bad_deploy_names_its_field(string field, DeploySpec deploy) => Assert.Equal([field], FaultsOf(Good with { Deploy = deploy }));

    [Theory]
    [InlineData("1")]
    [InlineData("1000")]
    [InlineData("1%")]
    [InlineData("100%")]
    public void Batch_takes_numbers_and_shares(string batch) => Assert.Empty(FaultsOf(WithBatch(batch)));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("1\n")]
    [InlineData("٣")]
    public void Batch_refuses_what_BatchSize_cannot_read(string batch) => Assert.Equal(["deploy.rolling.batch"], FaultsOf(WithBatch(batch)));

    [Theory]
    [InlineData("http://{host}:3000/healthz")]
    [InlineData("https://{server}.{environment}.example/{project}?r={release}")]
    [InlineData("http://[::1]:8080/")]
    public void Health_address_takes_addresses_with_placeholders(string url) => Assert.Null(DeployRules.UrlFault(url));

    [Theory]
    [InlineData("ftp://x/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/healthz")]
    [InlineData("http://")]
    [InlineData("http://user:pass@host/")]
    [InlineData("http://host/{nobody}")]
    [InlineData("http://host/{host")]
    [InlineData("http://host/a b")]
    [InlineData("http://host:99999/")]
    [InlineData("http://host/\r\nX: y")]
    public void Health_address_refuses(string url) => Assert.Equal(["deploy.health.url"], FaultsOf(Good with { Deploy = Good.Deploy with { Health = new HealthSpec { Url = url } } }));

    [Fact]
    public void Secret_with_the_name_of_a_variable_is_refused()
    {
        var draft = Good with
        {
            Build = Good.Build with { Variables = new Dictionary<string, string> { ["A"] = "1" } },
            BuildSecrets = new Dictionary<string, string?> { ["A"] = "2" },
        };
        Assert.Equal(["build.secrets.A"], FaultsOf(draft));
    }

    [Fact]
    public void Tidy_takes_away_what_nobody_means()
    {
        var draft = (Good with { Name = " Shop ", Repository = Good.Repository with { Credential = " " }, Deploy = Good.Deploy with { Path = " /srv/shop/ " } }).Tidy();
        Assert.Equal(("Shop", null, "/srv/shop"), (draft.Name, draft.Repository.Credential, draft.Deploy.Path));
        Assert.Equal("/", (Good with { Deploy = Good.Deploy with { Path = "/" } }).Tidy().Deploy.Path);
    }

    private static ProjectDraft WithBatch(string batch) => Good with { Deploy = Good.Deploy with { Rolling = new RollingSpec { Batch = batch } } };

    private static IReadOnlyList<string> FaultsOf(ProjectDraft draft)
    {
        var faults = new Faults();
        draft.Check(faults, allowFiles: false);
        var refusal = Record.Exception(faults.ThrowIfAny);
        return refusal is InvalidInput input ? [.. input.Errors.Keys.Order(StringComparer.Ordinal)] : [];
    }
}
