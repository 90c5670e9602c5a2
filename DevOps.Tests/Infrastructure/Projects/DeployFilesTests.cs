using DevOps.Core.Projects;
using DevOps.Infrastructure.Projects;

namespace DevOps.Tests.Infrastructure.Projects;

/// <summary>Texts of <c>deploy.yml</c>: what is read, and what is refused with line and key.</summary>
public sealed class DeployFilesTests
{
    private const string Whole = """
        # Everything that a file can set.
        build:
          image: node:22
          script:
            - npm ci
            - |
              for part in a b; do
                echo $part
              done
          variables: { CI: true, VERSION: 3.10, EMPTY: "" }
          artifacts: [dist/**, "!**/*.map"]
          caches: [/root/.npm]
          cpus: 0.5
          memoryMb: 512
          pids: 100
          timeoutSeconds: 60
          network: none
        deploy:
          keepReleases: 3
          shared: [storage/]
          beforeActivate: [./migrate]
          restart: [systemctl restart shop]
          afterActivate: ['echo "done"']
          control: { start: ./start, stop: ./stop, status: ./status, log: tail -F app.log }
          health: { url: "http://{host}:3000/healthz", command: "", timeoutSeconds: 4, retries: 5, intervalSeconds: 1 }
          rolling: { batch: 25%, first: 2, soakSeconds: 30, confirmAfterFirst: true, maxFailures: 1 }
          rollbackOnFailure: false
          verifyChecksums: false
          commandTimeoutSeconds: 30
        """;

    private static readonly DeployFiles Files = new();

    [Fact]
    public void Whole_file_is_read_as_it_is_written()
    {
        var (config, held) = Files.Read(Whole).Over(new BuildSpec(), new DeploySpec { Path = "/srv/shop" }, []);

        Assert.Empty(held);
        Assert.Equivalent(
            new BuildSpec
            {
                Image = "node:22",
                Script = ["npm ci", "for part in a b; do\n  echo $part\ndone\n"],
                Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["CI"] = "true", ["VERSION"] = "3.10", ["EMPTY"] = "" },
                Artifacts = ["dist/**", "!**/*.map"],
                Caches = ["/root/.npm"],
                Cpus = 0.5,
                MemoryMb = 512,
                Pids = 100,
                TimeoutSeconds = 60,
                Network = "none",
            },
            config.Build,
            strict: true);
        Assert.Equivalent(
            new DeploySpec
            {
                Path = "/srv/shop",
                KeepReleases = 3,
                Shared = ["storage/"],
                BeforeActivate = ["./migrate"],
                Restart = ["systemctl restart shop"],
                AfterActivate = ["echo \"done\""],
                Control = new ControlSpec { Start = "./start", Stop = "./stop", Status = "./status", Log = "tail -F app.log" },
                Health = new HealthSpec { Url = "http://{host}:3000/healthz", TimeoutSeconds = 4, Retries = 5, IntervalSeconds = 1 },
                Rolling = new RollingSpec { Batch = "25%", First = 2, SoakSeconds = 30, ConfirmAfterFirst = true, MaxFailures = 1 },
                RollbackOnFailure = false,
                VerifyChecksums = false,
                CommandTimeoutSeconds = 30,
            },
            config.Deploy,
            strict: true);
    }

    [Fact]
    public void Configuration_is_shown_as_the_file_that_gives_it_again()
    {
        var (config, _) = Files.Read(Whole).Over(new BuildSpec(), new DeploySpec { Path = "/srv/shop", Restart = ["null", "~", "- x", "a: b # c", "*x", " blanks ", "yes", "中文"] }, []);

        var shown = DeployFileText.Of(config.Build, config.Deploy);
        var again = Files.Read(shown).Over(new BuildSpec(), new DeploySpec { Path = "/srv/shop" }, []).Config;

        Assert.DoesNotContain("path:", shown, StringComparison.Ordinal);
        Assert.Equivalent(config.Build, again.Build, strict: true);
        Assert.Equivalent(config.Deploy, again.Deploy, strict: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but words\n")]
    [InlineData("---\n")]
    [InlineData("build: {}\n")]
    [InlineData("build:\r\n  image: node:22\r\n")]
    public void File_with_little_or_nothing_in_it_is_no_fault(string text) => Assert.Empty(Files.Read(text).Deploy);

    public static TheoryData<string, string> Refused { get; } = new()
    {
        // Unknown keys and wrong types, by line and name.
        { "build:\n  image: a\n  scirpt: [x]\n", "Line 3, build.scirpt: There is no such key. Known here: image, script, variables, artifacts, caches, cpus, memoryMb, pids, timeoutSeconds, network." },
        { "deploy:\n  health:\n    ulr: x\n", "Line 3, deploy.health.ulr: There is no such key. Known here: url, command, timeoutSeconds, retries, intervalSeconds." },
        { "\nstages: [a]\n", "Line 2, stages: There is no such key. At the top are build and deploy." },
        { "Build: {}\n", "Line 1, Build: There is no such key." },
        { "build: make\n", "Line 1, build: Give keys with values." },
        { "- build\n", "Begin with build: or deploy: at its top." },
        { "just words\n", "Begin with build: or deploy: at its top." },
        { "build:\n  script: make\n", "Line 2, build.script: Give a list of texts" },
        { "build:\n  script:\n    - make\n    - [nested]\n", "Line 4, build.script[1]: Give a text." },
        { "build:\n  memoryMb: 1e3\n", "Line 2, build.memoryMb: Give a whole number." },
        { "build:\n  memoryMb: \"512\"\n", "Line 2, build.memoryMb: Give a whole number." },
        { "build:\n  memoryMb: 99999999999\n", "Line 2, build.memoryMb: Give a whole number." },
        { "build:\n  cpus: .inf\n", "Line 2, build.cpus: Give a number." },
        { "build:\n  cpus: 1e400\n", "Line 2, build.cpus: Give a number." },
        { "deploy:\n  rollbackOnFailure: yes\n", "Line 2, deploy.rollbackOnFailure: Give true or false." },
        { "build:\n  image:\n", "Line 2, build.image: It has no value." },
        { "build:\n  variables:\n    A: { b: c }\n", "Line 3, build.variables.A: Give a text." },
        { "build:\n  variables: [A]\n", "Line 2, build.variables: Give names with values" },
        { "build:\n  ? [complex, key]\n  : 1\n", "build.?: There is no such key." },

        // What would raise the rights of whoever may push.
        { "build:\n  secrets:\n    TOKEN: x\n", "Line 2, build.secrets: Secrets cannot be set by a file." },
        { "build:\n  secretNames: [TOKEN]\n", "Line 2, build.secretNames: Secrets cannot be set by a file." },
        { "deploy:\n  path: /srv/other\n", "Line 2, deploy.path: The folder on the servers cannot be set by a file" },
        { "servers: [other]\n", "Line 1, servers: This belongs to the project" },
        { "credentials: [other]\n", "Line 1, credentials: This belongs to the project" },
        { "secrets: { A: b }\n", "Line 1, secrets: This belongs to the project" },
        { "environments:\n  production: { approvals: { required: 0 } }\n", "Line 1, environments: This belongs to the project" },
        { "repository: { url: x }\n", "Line 1, repository: This belongs to the project" },
        { "triggers: {}\n", "Line 1, triggers: This belongs to the project" },
        { "deploy:\n  user: root\n", "Line 2, deploy.user: There is no such key." },
        { "deploy:\n  approvals: { required: 0 }\n", "Line 2, deploy.approvals: There is no such key." },
        { "build:\n  privileged: true\n", "Line 2, build.privileged: There is no such key." },
        { "build:\n  isEmpty: true\n", "Line 2, build.isEmpty: There is no such key." },

        // YAML that grows, or means more than it shows.
        { "a: &a [x, x]\nb: &b [*a, *a]\n", "Line 1: Anchors (&name) are not accepted" },
        { "build:\n  script: *all\n", "Line 2: Aliases (*name) are not accepted" },
        { "build:\n  <<: { image: a }\n", "Line 2, build.<<: There is no such key." },
        { "build:\n  image: !!python/object/apply:os.system [id]\n", "Line 2: Tags (!name) are not accepted" },
        { "build:\n  image: !env HOME\n", "Line 2: Tags (!name) are not accepted" },
        { "build: {}\n---\ndeploy: {}\n", "Line 2: Only one document can be in it." },
        { "build:\n  image: a\n  image: b\n", "Line 3: " },
        { "build: {}\nbuild: {}\n", "Line 2: " },
        { "build:\n  image: \"a\n", "Line 2: While scanning a quoted scalar, found unexpected end of stream." },
        { "build:\n\timage: a\n", "Line 2: Indent with blanks, not with tabs." },
        { "build: {}\n\0deploy: { path: / }\n", "Line 2: Control characters cannot be part of it." },
        { "build:\n  image: \u001b[2J\n", "Line 2: Control characters cannot be part of it." },
        { "build: [\n", "Line 2: " },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Text_that_cannot_be_accepted_is_refused_with_line_and_key(string text, string told)
    {
        var failure = Assert.Throws<DeployFileRefused>(() => Files.Read(text));

        Assert.StartsWith("deploy.yml cannot be ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(told, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_is_told_at_once_in_the_order_of_lines()
    {
        var told = Assert.Throws<DeployFileRefused>(() => Files.Read("deploy:\n  path: /x\nbuild:\n  cpus: many\nusers: []\n")).Message;

        Assert.Matches("\nLine 2, deploy.path: .*\nLine 4, build.cpus: .*\nLine 5, users: ", told);
    }

    public static TheoryData<string> Bombs { get; } = new(
        string.Concat(Enumerable.Repeat("[", 60_000)),
        string.Concat(Enumerable.Repeat("{a: ", 16_000)),
        string.Concat(Enumerable.Range(0, 400).Select(i => new string(' ', i) + "a:\n")),
        string.Concat(Enumerable.Repeat("- ", 30_000)),
        "a: &a [l, l, l, l, l, l, l, l, l]\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"b{i}: &b{i} [*a, *a, *a, *a, *a, *a, *a, *a]\n")),
        "? " + string.Concat(Enumerable.Repeat("? ", 30_000)),
        "build:\n  variables:\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"    V{i}: x\n")),
        "build:\n  script: [" + string.Concat(Enumerable.Repeat("x,", 30_000)) + "]\n",
        "\"" + new string('\\', 60_001),
        new string('\0', 1000),
        new string('%', 60_000));

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Bomb_is_refused_and_not_built_up(string text)
    {
        var failure = Assert.Throws<DeployFileRefused>(() => Files.Read(text));

        Assert.StartsWith("deploy.yml cannot be ", failure.Message, StringComparison.Ordinal);
        Assert.InRange(failure.Message.Length, 1, 2000);
    }
}
