using DevOps.Blazor.Hosting;
using DevOps.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DevOps.Tests.Blazor.Hosting;

public sealed class LoggingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_line_within_a_deployment_bears_its_number_and_others_none()
    {
        var lines = await WriteAsync([], logger =>
        {
            using (logger.BeginScope(new Dictionary<string, object> { ["DeploymentId"] = 42L }))
            {
                logger.LogInformation("switched {Server}", "app-1");
            }

            logger.LogInformation("idle");
        });

        Assert.Contains(lines, l => l.Contains("[INF] #42 Room: switched app-1", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("[INF] Room: idle", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Line_breaks_in_what_others_typed_make_no_lines_of_their_own()
    {
        var lines = await WriteAsync([], logger => logger.LogInformation("branch {Branch} by {User}", "main\r\n2026-01-01 00:00:00.000 +00:00 [INF] Room: admin signed in", "eve\u001b[2J"));

        var line = Assert.Single(lines, l => l.Contains("admin signed in", StringComparison.Ordinal));
        Assert.Contains(@"branch main\u000d\u000a2026", line, StringComparison.Ordinal);
        Assert.Contains(@"by eve\u001b[2J", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Levels_come_from_the_configuration()
    {
        var lines = await WriteAsync(new() { ["Serilog:MinimumLevel:Default"] = "Error" }, logger =>
        {
            logger.LogWarning("quiet");
            logger.LogError("loud");
        });

        Assert.DoesNotContain(lines, l => l.Contains("quiet", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.Contains("loud", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_roll_at_their_size_and_only_the_newest_are_kept()
    {
        await WriteAsync(new() { ["DevOps:LogFiles:MaxBytes"] = "2000", ["DevOps:LogFiles:Keep"] = "3" }, logger =>
        {
            for (var n = 0; n < 200; n++)
            {
                logger.LogInformation("line {Number} {Padding}", n, new string('x', 80));
            }
        });

        var files = Directory.GetFiles(Path.Combine(_folder, "logs"));
        Assert.Equal(3, files.Length);
        Assert.Contains(files, f => File.ReadAllText(f).Contains("line 199 ", StringComparison.Ordinal));
    }

    private async Task<string[]> WriteAsync(Dictionary<string, string?> settings, Action<ILogger> write)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddDevOpsLogging(new PlatformOptions { DataFolder = _folder });
        await using (var app = builder.Build())
        {
            write(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Room"));
        }

        return [.. Directory.GetFiles(Path.Combine(_folder, "logs")).SelectMany(File.ReadAllLines)];
    }
}
