using DevOps.Core.Pipeline;
using DevOps.Infrastructure.Docker;

namespace DevOps.Tests.Infrastructure.Docker;

public sealed class ImageNameTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("node", "node", "latest", "node:latest")]
    [InlineData("node:22", "node", "22", "node:22")]
    [InlineData("registry.example.com:5000/team/app", "registry.example.com:5000/team/app", "latest", "registry.example.com:5000/team/app:latest")]
    [InlineData("mcr.microsoft.com/dotnet/sdk:10.0", "mcr.microsoft.com/dotnet/sdk", "10.0", "mcr.microsoft.com/dotnet/sdk:10.0")]
    [InlineData("node@" + Digest, "node", Digest, "node@" + Digest)]
    [InlineData("node:22@" + Digest, "node", Digest, "node@" + Digest)]
    public void Name_is_taken_apart(string text, string repository, string tag, string full)
    {
        var name = ImageName.Parse(text);

        Assert.Equal((repository, tag, full), (name.Repository, name.Tag, name.Full));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../containers")]
    [InlineData("a b")]
    [InlineData("node:22?x=1")]
    [InlineData("node\n:22")]
    [InlineData("node:22\n")]
    [InlineData("/node")]
    [InlineData("node@sha256:12")]
    public void Text_that_is_no_name_is_refused(string text) =>
        Assert.Contains("cannot be had", Assert.Throws<StepFailure>(() => ImageName.Parse(text)).Message);
}
