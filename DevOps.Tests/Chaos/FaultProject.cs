using System.Globalization;

namespace DevOps.Tests.Chaos;

/// <summary>The project that faults are tried on: what its recipe says now. Every step of it knocks at a door of its own.</summary>
internal sealed class FaultProject(string gates, string url)
{
    public const string Key = "shop";

    public const string Image = "busybox:faults";

    public string Url { get; set; } = url;

    public string? Credential { get; set; }

    public string Branch { get; set; } = "main";

    public string BuildImage { get; set; } = Image;

    public List<string> Script { get; set; } = [$"wget -q -O /dev/null {gates}build", "mkdir -p dist", "cp page.txt dist/page.txt"];

    public List<string> Artifacts { get; set; } = ["dist/**"];

    public int MemoryMb { get; set; } = 64;

    public int Pids { get; set; } = 64;

    public int BuildSeconds { get; set; } = 60;

    public string Restart { get; set; } = $"curl -sf -o /dev/null {gates}restart\ncp dist/page.txt $DEPLOY_PATH/running";

    public string Health { get; set; } = $"curl -sf -o /dev/null {gates}health && cmp -s dist/page.txt $DEPLOY_PATH/running";

    public int CommandSeconds { get; set; } = 60;

    public object Body(string path) => new
    {
        key = Key,
        name = "The shop",
        repository = new { url = Url, branch = Branch, credential = Credential },
        build = new { image = BuildImage, script = Script, artifacts = Artifacts, network = "host", memoryMb = MemoryMb, pids = Pids, timeoutSeconds = BuildSeconds, cpus = 1.0 },
        deploy = new
        {
            path = path + "/{server}",
            beforeActivate = new[] { string.Create(CultureInfo.InvariantCulture, $"curl -sf -o /dev/null {gates}before") },
            restart = new[] { Restart },
            afterActivate = new[] { string.Create(CultureInfo.InvariantCulture, $"curl -sf -o /dev/null {gates}after") },
            health = new { command = Health, retries = 2, intervalSeconds = 0, timeoutSeconds = CommandSeconds },
            commandTimeoutSeconds = CommandSeconds,
            keepReleases = 3,
        },
    };
}
