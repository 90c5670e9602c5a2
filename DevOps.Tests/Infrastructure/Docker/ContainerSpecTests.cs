using System.Text.Json;
using DevOps.Core.Pipeline;
using DevOps.Core.Secrets;
using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Docker;

public sealed class ContainerSpecTests
{
    [Fact]
    public void Limits_labels_and_caches_stand_in_the_request_and_no_host_path()
    {
        var run = DockerFixture.Run("/w", "/d", "true") with
        {
            DeploymentId = 7,
            MemoryMb = 512,
            Pids = 99,
            Network = "none",
            Variables = new Dictionary<string, Sensitive> { ["A"] = new("b=c") },
        };

        var json = JsonSerializer.SerializeToElement(ContainerSpec.Create(run, "sha256:1", "inst", new Dictionary<string, string> { ["/cache"] = "vol" }, cpus: 1.5));
        var host = json.GetProperty("HostConfig");

        Assert.Equal(512L << 20, host.GetProperty("Memory").GetInt64());
        Assert.Equal(512L << 20, host.GetProperty("MemorySwap").GetInt64());
        Assert.Equal(1_500_000_000, host.GetProperty("NanoCpus").GetInt64());
        Assert.Equal(99, host.GetProperty("PidsLimit").GetInt32());
        Assert.True(host.GetProperty("Init").GetBoolean());
        Assert.Equal(["no-new-privileges"], Texts(host.GetProperty("SecurityOpt")));
        Assert.Equal(["ALL"], Texts(host.GetProperty("CapDrop")));
        Assert.Equal("none", host.GetProperty("NetworkMode").GetString());
        Assert.Equal("""[{"Type":"volume","Source":"vol","Target":"/cache"}]""", host.GetProperty("Mounts").GetRawText());
        Assert.False(host.TryGetProperty("Binds", out _));
        Assert.False(host.TryGetProperty("Privileged", out _));
        Assert.Equal(["A=b=c"], Texts(json.GetProperty("Env")));
        Assert.Equal("""{"devops.installation":"inst","devops.deployment":"7","devops.project":"shop"}""", json.GetProperty("Labels").GetRawText());
    }

    [Theory]
    [InlineData("relative")]
    [InlineData("/")]
    [InlineData("/a/../../etc")]
    [InlineData("/workspace")]
    [InlineData("/.devops")]
    public void Cache_folder_that_cannot_be_one_is_named(string folder) =>
        Assert.Contains(folder, Assert.Throws<StepFailure>(() => ContainerSpec.Check(DockerFixture.Run("/w", "/d", "true") with { Caches = [folder] })).Message);

    [Theory]
    [InlineData("../x")]
    [InlineData("/etc")]
    [InlineData("a/../../b")]
    public void Path_outside_the_workspace_is_not_copied_out(string path) =>
        Assert.Contains(path, Assert.Throws<StepFailure>(() => ContainerSpec.Check(DockerFixture.Run("/w", "/d", "true") with { Collect = [path] })).Message);

    private static IEnumerable<string?> Texts(JsonElement list) => list.EnumerateArray().Select(e => e.GetString());
}
