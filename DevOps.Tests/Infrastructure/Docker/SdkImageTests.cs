using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Docker;

public sealed class SdkImageTests(DockerFixture docker) : IClassFixture<DockerFixture>, IDisposable
{
    private readonly BuildFolders _folders = new();

    [Fact]
    public async Task Sdk_builds_a_program_without_a_network()
    {
        _folders.Put("hello.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
            </Project>
            """);
        _folders.Put("hello.cs", "System.Console.WriteLine(\"hello from the build\");");
        var output = new CapturedOutput();
        var run = DockerFixture.Run(_folders.Workspace, _folders.Destination, "dotnet publish -c Release -o out", "dotnet out/hello.dll", "git --version");

        var exit = await docker.Engine.RunAsync(
            run with { Image = await docker.SdkImageAsync(), Cpus = 2, MemoryMb = 2048, Pids = 1024, Timeout = TimeSpan.FromMinutes(5), Collect = ["out"] },
            output,
            CancellationToken.None);

        Assert.True(exit.ExitCode == 0, output.Text());
        Assert.Contains("hello from the build", output.Text());
        Assert.True(File.Exists(Path.Combine(_folders.Destination, "out/hello.dll")));
    }

    public void Dispose() => _folders.Dispose();
}
