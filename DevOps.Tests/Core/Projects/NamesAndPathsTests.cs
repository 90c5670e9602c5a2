using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Refusals;
using DevOps.Core.Releases;
using DevOps.Core.Servers;

namespace DevOps.Tests.Core.Projects;

/// <summary>What shells, ssh, git and engines were tricked with elsewhere must not pass for a name or a path.</summary>
public sealed class NamesAndPathsTests
{
    public static TheoryData<string> Attacks { get; } =
    [
        "$(id)", "`id`", "a;id", "a|id", "a&&id", "a\nid", "a\r\nid", "a\0id", "a'id", "a\"id", "-oProxyCommand=id", "--upload-pack=id", "-v/:/host", "a b", "a>b", "a<b",
        "${IFS}id", "ext::sh -c id", "../../etc/passwd", "%h", "a\\b", "*", "?", "~root", "#x", "!x", "\u202Eabc", "a\u0000", "\u001b[31m",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Attack_is_no_name(string text)
    {
        Assert.False(ContainerNames.IsImage(text));
        Assert.False(ContainerNames.IsNetwork(text));
        Assert.NotNull(ContainerNames.CacheFault("/" + text));
        Assert.NotNull(DeployPath.TemplateFault(text));
        Assert.NotNull(DeployPath.TemplateFault("/srv/" + text));
        Assert.False(HostName.IsHost(text));
        Assert.False(HostName.IsUser(text));
        Assert.False(ServerDraft.IsFingerprint(text));
        Assert.Null(RepositoryUrl.TryParse(text, allowFiles: true, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("a~1")]
    [InlineData("a:b")]
    [InlineData("a.lock")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".a")]
    [InlineData("a/.b")]
    [InlineData("a@{1}")]
    [InlineData("@")]
    [InlineData("a\n")]
    [InlineData("a.")]
    public void Branch_refuses(string name) => Assert.False(BranchName.IsValid(name));

    [Theory]
    [InlineData("main")]
    [InlineData("release/1.2")]
    [InlineData("功能/登录")]
    [InlineData("feature/a-b_c#1")]
    public void Branch_takes(string name) => Assert.True(BranchName.IsValid(name));

    [Theory]
    [InlineData("node:22")]
    [InlineData("busybox")]
    [InlineData("library/node")]
    [InlineData("mcr.microsoft.com/dotnet/sdk:10.0")]
    [InlineData("localhost:5000/a/b_c:v1.0-x")]
    [InlineData("registry.example/a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void Image_takes(string name) => Assert.True(ContainerNames.IsImage(name));

    [Theory]
    [InlineData("")]
    [InlineData("Node")]
    [InlineData("node:")]
    [InlineData(":22")]
    [InlineData("a//b")]
    [InlineData("node:22:23")]
    [InlineData("node@sha256:xyz")]
    [InlineData("https://node")]
    [InlineData("node\n")]
    public void Image_refuses(string name) => Assert.False(ContainerNames.IsImage(name));

    [Theory]
    [InlineData("/srv/shop")]
    [InlineData("/srv/{project}/{environment}")]
    [InlineData("/home/deploy/apps/shop-1.0")]
    [InlineData("/usr/local/shop")]
    [InlineData("/tmp/x")]
    [InlineData("/srv/商店")]
    [InlineData("/srv/{host}/{server}")]
    public void Path_takes(string path) => Assert.Null(DeployPath.TemplateFault(path));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("srv/shop")]
    [InlineData("/srv")]
    [InlineData("/srv/")]
    [InlineData("/srv/shop/")]
    [InlineData("/srv//shop")]
    [InlineData("/srv/./shop")]
    [InlineData("/srv/../etc")]
    [InlineData("/etc")]
    [InlineData("/etc/shop")]
    [InlineData("/usr")]
    [InlineData("/usr/bin")]
    [InlineData("/bin/x")]
    [InlineData("/proc/self")]
    [InlineData("/var/lib")]
    [InlineData("/srv/{release}")]
    [InlineData("/srv/{nobody}")]
    [InlineData("/srv/{project")]
    [InlineData("/srv/project}")]
    [InlineData("/srv/{{project}}")]
    [InlineData("{project}")]
    public void Path_refuses(string path) => Assert.NotNull(DeployPath.TemplateFault(path));

    [Theory]
    [InlineData("app-1")]
    [InlineData("app_1.example.com")]
    [InlineData("10.0.0.1")]
    [InlineData("::1")]
    [InlineData("2001:db8::1")]
    [InlineData("127.0.0.1")]
    [InlineData("a")]
    public void Host_takes(string host) => Assert.True(HostName.IsHost(host));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("256.0.0.1")]
    [InlineData("1.2.3.4.")]
    [InlineData("1.2.3.4.5")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%eth0")]
    [InlineData("a..b")]
    [InlineData("a.")]
    [InlineData("a-")]
    [InlineData("user@host")]
    [InlineData("host:22")]
    [InlineData("a\n")]
    public void Host_refuses(string host) => Assert.False(HostName.IsHost(host));

    [Theory]
    [InlineData("storage/", true)]
    [InlineData("config/app.json", false)]
    [InlineData(".env", false)]
    [InlineData("a b/c", false)]
    public void Relative_path_takes(string path, bool folder) => Assert.Null(RelativePath.Fault(path, folder));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/a")]
    [InlineData("a/../b")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    public void Relative_path_refuses(string path) => Assert.NotNull(RelativePath.Fault(path));

    [Fact]
    public void Placeholders_are_filled_in_once()
    {
        var values = new PlaceholderValues("10.0.0.1", "{project}", "prod", "shop", 57);
        Assert.Equal("/srv/shop/prod/{project}/10.0.0.1/57", Placeholders.Expand("/srv/{project}/{environment}/{server}/{host}/{release}", values));
        Assert.Equal("", Placeholders.Expand("", values));
        Assert.Throws<FormatException>(() => Placeholders.Expand("{Host}", values));
    }

    [Fact]
    public void Placeholder_of_an_ip6_host_gets_brackets_in_an_address_only()
    {
        var values = PlaceholderValues.Sample with { Host = "2001:db8::1" };
        Assert.Equal("http://[2001:db8::1]:3000/", Placeholders.Expand("http://{host}:3000/", values));
        Assert.Equal("/srv/2001:db8::1", Placeholders.Expand("/srv/{host}", values));
    }

    [Fact]
    public void Environment_files_that_collide_or_are_too_large_are_refused()
    {
        var draft = new EnvironmentDraft
        {
            Name = "production",
            Files = new Dictionary<string, string> { ["a"] = "", ["a/b"] = "", ["big"] = new string('x', EnvironmentDraft.MaxFileBytes + 1), ["none"] = null! },
        };
        var faults = new Faults();
        draft.Check(faults);
        Assert.Equal(["files.a/b", "files.big", "files.none"], Assert.Throws<InvalidInput>(faults.ThrowIfAny).Errors.Keys.Order(StringComparer.Ordinal));
    }
}
