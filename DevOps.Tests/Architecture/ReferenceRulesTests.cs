using System.Text.RegularExpressions;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Architecture;

/// <summary>Who may know whom, and how long a room may grow. Read from the sources, so that a broken rule names its file.</summary>
public sealed partial class ReferenceRulesTests
{
    private const int LongestFile = 250;
    private const int LongestMarkup = 120;

    private static readonly Dictionary<string, string[]> RoomsOfCore = new(StringComparer.Ordinal)
    {
        ["Refusals"] = [],
        ["Events"] = [],
        ["Audit"] = [],
        ["Queue"] = [],
        ["Access"] = ["Refusals"],
        ["Secrets"] = ["Refusals"],
        ["Logs"] = ["Secrets", "Queue"],
        ["Releases"] = ["Refusals"],
        ["Credentials"] = ["Refusals", "Secrets"],
        ["Servers"] = ["Credentials", "Refusals", "Secrets"],
        ["Projects"] = ["Refusals", "Releases", "Secrets"],
        ["Environments"] = ["Access", "Refusals", "Releases", "Secrets", "Servers"],
        ["Pipeline"] = ["Credentials", "Logs", "Refusals", "Releases", "Secrets", "Servers"],
        ["Applications"] = ["Projects"],
        ["Webhooks"] = ["Projects", "Refusals", "Releases", "Secrets"],
        ["Settings"] = ["Refusals"],
        ["Notifications"] = ["Refusals", "Secrets"],
        ["Deployments"] = ["Access", "Environments", "Logs", "Pipeline", "Projects", "Queue", "Refusals", "Releases", "Secrets", "Servers"],
        ["Insights"] = ["Deployments"],
        ["Schedules"] = ["Deployments", "Refusals"],
    };

    [Fact]
    public void Core_references_the_base_library_only()
    {
        var foreign = typeof(DevOps.Core.Slug).Assembly.GetReferencedAssemblies().Select(a => a.Name!)
            .Where(n => !n.StartsWith("System.", StringComparison.Ordinal) && n is not "System" and not "netstandard");

        Assert.Empty(foreign);
    }

    [Fact]
    public void Infrastructure_does_not_know_the_pages()
    {
        var known = typeof(DevOps.Infrastructure.PlatformOptions).Assembly.GetReferencedAssemblies().Select(a => a.Name);

        Assert.DoesNotContain("DevOps.Blazor", known);
        Assert.DoesNotContain("Radzen.Blazor", known);
    }

    [Fact]
    public void Rooms_of_core_know_only_the_rooms_they_may()
    {
        var broken =
            from file in Sources("DevOps.Core", "*.cs")
            let room = RoomOf(file)
            where room.Length > 0
            from Match match in CoreRoom().Matches(File.ReadAllText(file))
            let known = match.Groups["room"].Value
            where RoomsOfCore.ContainsKey(known) && !string.Equals(known, room, StringComparison.Ordinal)
                && !RoomsOfCore.GetValueOrDefault(room, []).Contains(known, StringComparer.Ordinal)
            select $"{Relative(file)} knows {known}";

        Assert.Empty(broken.Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_room_of_core_has_its_rule()
    {
        var rooms = Sources("DevOps.Core", "*.cs").Select(RoomOf).Where(r => r.Length > 0).Distinct(StringComparer.Ordinal);

        Assert.Empty(rooms.Except(RoomsOfCore.Keys, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("*.razor")]
    [InlineData("*.cs")]
    public void Pages_and_doors_hold_no_database_and_start_no_process(string pattern)
    {
        // The folder Hosting puts the parts together, and may name them for that.
        var broken = Sources("DevOps.Blazor", pattern).Where(f => !f.Contains("/DevOps.Blazor/Hosting/", StringComparison.Ordinal) && World().IsMatch(File.ReadAllText(f)));

        Assert.Empty(broken.Select(Relative));
    }

    [Fact]
    public void Time_comes_from_the_time_provider_and_nothing_sleeps()
    {
        var broken = Product("*.cs").Concat(Product("*.razor")).Where(f => WallClock().IsMatch(File.ReadAllText(f)));

        Assert.Empty(broken.Select(Relative));
    }

    [Fact]
    public void Files_stay_small_enough_to_be_read_at_once()
    {
        var code = Product("*.cs").Where(f => File.ReadLines(f).Count() > LongestFile);
        var markup = Product("*.razor").Where(f => File.ReadLines(f).Count() > LongestMarkup);

        Assert.Empty(code.Concat(markup).Select(Relative));
    }

    [Fact]
    public void Top_level_holds_the_four_projects_and_little_else()
    {
        string[] expected =
        [
            "CHANGELOG.md", "Directory.Build.props", "Directory.Packages.props", "DevOps.Blazor", "DevOps.Core", "DevOps.Infrastructure", "DevOps.Tests",
            "LICENSE", "README.md", "TestResults", "data", "deploy.sln", "docker", "docs", "global.json", "start.sh", "test.sh",
        ];

        var there = Directory.EnumerateFileSystemEntries(Repository.Root).Select(e => Path.GetFileName(e)).Where(n => n[0] != '.');

        Assert.Empty(there.Except(expected, StringComparer.Ordinal));
    }

    private static IEnumerable<string> Product(string pattern) =>
        new[] { "DevOps.Core", "DevOps.Infrastructure", "DevOps.Blazor" }.SelectMany(p => Sources(p, pattern));

    private static IEnumerable<string> Sources(string project, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, project), pattern, SearchOption.AllDirectories).Where(f => !Built().IsMatch(f));

    private static string RoomOf(string file)
    {
        var parts = Path.GetRelativePath(Path.Combine(Repository.Root, "DevOps.Core"), file).Split('/');
        return parts.Length > 1 ? parts[0] : "";
    }

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file);

    [GeneratedRegex(@"DevOps\.Core\.(?<room>[A-Z][A-Za-z]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CoreRoom();

    [GeneratedRegex(@"\b(DevOpsDbContext|Npgsql\w*|ProcessStartInfo|Process\.Start)\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex World();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|Thread\.Sleep|\basync void\b", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex WallClock();

    [GeneratedRegex("/(bin|obj)/", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Built();
}
