using System.Globalization;
using System.Text.RegularExpressions;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Scripts;

[Collection("start.sh")]
public sealed partial class StartScriptTests(DockerFixture docker) : IClassFixture<DockerFixture>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private readonly string _data = MakeFolder();
    private readonly int _port = StartScript.FreePort();

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Demo_ends_with_a_deployed_page_stops_without_leaving_anything_and_comes_back()
    {
        await using (var first = StartScript.Run(Variables, "--demo"))
        {
            await first.HearAsync("Its page", Patience);
            Assert.Contains("The demo is deployed.", first.Said, StringComparison.Ordinal);
            Assert.Contains("/setup?token=", first.Said, StringComparison.Ordinal);
            Assert.Contains("It works", await GetAsync(PageOf(first.Said)), StringComparison.Ordinal);
            Assert.Equal(0, await first.StopAsync("TERM"));
        }

        Assert.Empty(Mine());
        await using var second = StartScript.Run(Variables, "--demo");
        await second.HearAsync("Its page", Patience);
        Assert.DoesNotContain("Building", second.Said, StringComparison.Ordinal);
        Assert.Contains("It works", await GetAsync(PageOf(second.Said)), StringComparison.Ordinal);
        Assert.Equal(0, await second.StopAsync("INT"));
        Assert.Empty(Mine());
    }

    [Fact]
    public async Task Second_start_with_the_same_data_folder_is_refused()
    {
        await using var held = new FileStream(Path.Combine(_data, "start.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        await using var script = StartScript.Run(Variables);

        Assert.Equal(1, await script.EndAsync());
        Assert.Contains("already runs", script.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_word_is_refused_and_help_is_given()
    {
        await using var unknown = StartScript.Run(Variables, "--dmeo");
        await using var help = StartScript.Run(Variables, "--help");

        Assert.Equal(2, await unknown.EndAsync());
        Assert.Equal(0, await help.EndAsync());
        Assert.Contains("DEVOPS_DATA", help.Said, StringComparison.Ordinal);
    }

    private Dictionary<string, string> Variables => new(StringComparer.Ordinal)
    {
        ["DEVOPS_DATA"] = _data,
        ["DEVOPS_PORT"] = _port.ToString(CultureInfo.InvariantCulture),
        ["DOCKER_HOST"] = docker.Host,
    };

    // A root caller's database runs as another user, who has to get to its folder.
    private static string MakeFolder()
    {
        var folder = Directory.CreateTempSubdirectory("start-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("711", 8));
        return folder;
    }

    /// <summary>Processes that have to do with the data folder.</summary>
    private IEnumerable<string> Mine() =>
        Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])).Select(CommandOf).Where(c => c.Contains(_data, StringComparison.Ordinal));

    private static string CommandOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            // It ended between being listed and being read.
            return "";
        }
    }

    private static Uri PageOf(string said) => new(PageLine().Match(said).Groups["address"].Value);

    private static async Task<string> GetAsync(Uri page)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(page);
    }

    [GeneratedRegex(@"Its page\s+(?<address>http://\S+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PageLine();
}
