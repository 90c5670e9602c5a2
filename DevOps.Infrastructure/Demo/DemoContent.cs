using System.Globalization;
using System.Security.Cryptography;
using DevOps.Core.Credentials;
using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Secrets;
using DevOps.Core.Servers;

namespace DevOps.Infrastructure.Demo;

/// <summary>What the demo consists of, as drafts.</summary>
internal static class DemoContent
{
    /// <summary>Name of everything there is one of.</summary>
    public const string Name = "demo";

    /// <summary>Image that is made of BusyBox, so that no registry is needed.</summary>
    public const string Image = "devops-demo-busybox:1";

    /// <summary>The one environment.</summary>
    public const string Environment = "production";

    public static CredentialDraft Credential(DemoOptions demo) => new()
    {
        Name = Name,
        Kind = CredentialKind.SshKey,
        Value = new Sensitive(File.ReadAllText(Path.Combine(demo.Folder, "ssh", "user"))),
    };

    public static ServerDraft Server(DemoOptions demo) => new()
    {
        Name = Name,
        Host = "127.0.0.1",
        Port = demo.SshPort,
        User = demo.User,
        Credential = Name,
        HostKey = Fingerprint(File.ReadAllText(Path.Combine(demo.Folder, "ssh", "host.pub"))),
    };

    public static ProjectDraft Project(DemoOptions demo) => new()
    {
        Key = Name,
        Name = "Demo site",
        Description = "A small static site: built in a container, sent over SSH, served on this machine. Change data/demo/repository, commit, and deploy again.",
        Repository = new RepositorySpec { Url = RepositoryUrl(demo), Branch = "main", Credential = Name },
        Build = new BuildSpec { Image = Image, Script = ["./build.sh", "./test.sh"], Artifacts = ["public/**", "app.sh"], MemoryMb = 256, TimeoutSeconds = 300, Network = "none" },
        Deploy = new DeploySpec
        {
            Path = Path.Combine(demo.Folder, "server"),
            Restart = ["./app.sh restart"],
            Health = new HealthSpec { Url = $"http://{{host}}:{Text(demo.PagePort)}/healthz", Retries = 10, IntervalSeconds = 1 },
        },
    };

    public static EnvironmentDraft Place(DemoOptions demo) => new()
    {
        Name = Environment,
        Servers = [Name],
        Variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["PAGE_PORT"] = Text(demo.PagePort) },
    };

    private static string RepositoryUrl(DemoOptions demo)
    {
        var path = Path.Combine(demo.Folder, "repository").Split('/').Select(Uri.EscapeDataString);
        return $"ssh://{demo.User}@127.0.0.1:{Text(demo.SshPort)}{string.Join('/', path)}";
    }

    private static string Fingerprint(string publicKey) =>
        "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(publicKey.Split(' ')[1]))).TrimEnd('=');

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
