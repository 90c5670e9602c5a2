using System.Text.RegularExpressions;
using System.Xml.Linq;
using DevOps.Blazor;

namespace DevOps.Tests.Blazor.Layout;

public sealed partial class TextsTests
{
    private static readonly string Pages = Path.Combine(SourceFolder(), "DevOps.Blazor");

    public static TheoryData<string> ResourceFiles() =>
        [.. Directory.GetFiles(Path.Combine(Pages, "Resources"), "*.resx").Select(f => Path.GetFileName(f)!).Where(f => !f.Contains(".zh-Hans.", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(ResourceFiles))]
    public void Texts_of_a_room_exist_in_both_languages_with_the_same_places(string file)
    {
        var english = Read(file);
        var chinese = Read(file.Replace(".resx", ".zh-Hans.resx", StringComparison.Ordinal));

        Assert.Equal(english.Keys.Order(StringComparer.Ordinal), chinese.Keys.Order(StringComparer.Ordinal));
        Assert.All(english, e => Assert.Equal(Places(e.Value), Places(chinese[e.Key])));
        Assert.All(chinese, c => Assert.False(string.IsNullOrWhiteSpace(c.Value), c.Key));
    }

    [Fact]
    public void Texts_that_pages_ask_for_exist()
    {
        var missing = new List<string>();
        foreach (var file in SourceFiles("*.razor", "*.cs"))
        {
            var source = File.ReadAllText(file);
            var all = Localizer().Matches(source).Where(m => m.Groups["room"].Value is not nameof(Sentences)).ToDictionary(m => m.Groups["name"].Value, m => Read(m.Groups["room"].Value + ".resx"), StringComparer.Ordinal);
            foreach (Match use in Use().Matches(source))
            {
                if (all.TryGetValue(use.Groups["name"].Value, out var texts) && !texts.ContainsKey(use.Groups["key"].Value))
                {
                    missing.Add($"{Path.GetRelativePath(Pages, file)}: {use.Groups["key"].Value}");
                }
            }
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void Markup_holds_no_text_of_its_own()
    {
        var found = new List<string>();
        foreach (var file in SourceFiles("*.razor"))
        {
            var markup = Markup(File.ReadAllText(file));
            found.AddRange(Between().Matches(markup).Concat(Attribute().Matches(markup)).Select(m => $"{Path.GetRelativePath(Pages, file)}: {m.Value.Trim()}"));
        }

        Assert.Empty(found);
    }

    [Theory]
    [InlineData("<p>Hello there</p>", true)]
    [InlineData("<input placeholder=\"Your name\" />", true)]
    [InlineData("<p>@Text[\"Hello\"]</p>", false)]
    [InlineData("<i class=\"icon\" aria-hidden=\"true\">menu</i>", false)]
    public void Search_for_literal_text_finds_it(string markup, bool literal) =>
        Assert.Equal(literal, Between().IsMatch(Markup(markup)) || Attribute().IsMatch(Markup(markup)));

    private static string Markup(string source)
    {
        var end = source.IndexOf("@code {", StringComparison.Ordinal);
        var markup = Comment().Replace(end < 0 ? source : source[..end], "");
        return Icon().Replace(Directive().Replace(markup, ""), "");
    }

    private static Dictionary<string, string> Read(string file) =>
        XDocument.Load(Path.Combine(Pages, "Resources", file)).Root!.Elements("data")
            .ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value, StringComparer.Ordinal);

    private static string Places(string text) =>
        string.Join(' ', Place().Matches(text).Select(m => m.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static IEnumerable<string> SourceFiles(params string[] patterns) =>
        patterns.SelectMany(p => Directory.GetFiles(Pages, p, SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static string SourceFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "deploy.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside a checkout.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"IStringLocalizer<(?<room>\w+)>\s+(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Localizer();

    [GeneratedRegex(@"\b(?<name>\w+)\[""(?<key>[A-Za-z][\w-]*)""[\],]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Use();

    [GeneratedRegex(@"(?<=[""\w/]>)[^<>@{}()=;]*\p{L}{2,}[^<>@{}()=;]*(?=<)", RegexOptions.None, 1000)]
    private static partial Regex Between();

    // A placeholder that begins with a small letter or a sign is an example of what a machine reads: a path, a pattern, a name.
    [GeneratedRegex(@"\b(((title|alt|aria-label|Label|Help|Title|Message|Text|AddLabel|NameLabel)=""(?!@)[^""]*\p{L}{2,})|([Pp]laceholder=""[\p{Lu}\p{Lo}]))[^""]*""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^\s*@(inject|page|using|layout|attribute|inherits|implements|typeparam|if|foreach|for|else|switch)\b.*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Directive();

    [GeneratedRegex(@"@\*.*?\*@", RegexOptions.Singleline, 1000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"<i class=""[^""]*icon[^>]*>[^<]*</i>", RegexOptions.None, 1000)]
    private static partial Regex Icon();

    [GeneratedRegex(@"\{\d+\}", RegexOptions.None, 1000)]
    private static partial Regex Place();
}
