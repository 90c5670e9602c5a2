using System.Text.RegularExpressions;
using System.Xml.Linq;
using DevOps.Core.Refusals;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Layout;

/// <summary>What verbs say to people, read from the compiled code, against the lines of the translations.</summary>
public sealed partial class SentencesTests
{
    private static readonly SentencesInCode Code = new(
        new[] { typeof(DevOps.Core.Slug).Assembly, typeof(DevOps.Infrastructure.PlatformOptions).Assembly, typeof(Program).Assembly }.SelectMany(CodeReader.MethodsOf));

    public static TheoryData<string> Translations() =>
        [.. Directory.GetFiles(Folder, "Sentences.*.resx").Select(f => Path.GetFileName(f)!)];

    private static string Folder => Path.Combine(Repository.Root, "DevOps.Blazor", "Resources");

    [Fact]
    public void Sentences_can_be_translated_as_they_are_written() => None("Write these so that they can be translated", Code.Faults);

    [Fact]
    public void Chinese_is_among_the_translations() => Assert.True(File.Exists(Path.Combine(Folder, "Sentences.zh-Hans.resx")));

    [Theory]
    [MemberData(nameof(Translations))]
    public void Every_sentence_has_its_line(string file)
    {
        var lines = Read(file);

        None($"Add these to Resources/{file}", Code.Formats.Where(f => SaysSomething(f.Key) && !lines.ContainsKey(f.Key)).Select(f => $"{f.Key}\n    ({f.Value})"));
    }

    [Theory]
    [MemberData(nameof(Translations))]
    public void Every_line_has_its_sentence(string file) =>
        None($"No code says these any more; remove them from Resources/{file}", Read(file).Keys.Where(key => !Code.Formats.ContainsKey(key)));

    [Theory]
    [MemberData(nameof(Translations))]
    public void Lines_hold_what_their_sentence_holds(string file) =>
        None($"Give these the same places in Resources/{file}", Read(file).Where(line => line.Value.Trim().Length == 0 || !string.Equals(Places(line.Key), Places(line.Value), StringComparison.Ordinal)).Select(line => line.Key));

    [Theory]
    [MemberData(nameof(Translations))]
    public void Lines_can_be_said(string file) => Assert.All(Read(file), line =>
    {
        var arguments = Enumerable.Range(0, 10).Select(i => (object)$"«{i}»").ToArray();
        Assert.Equal(Place().Count(line.Key), string.Format(null, line.Value, arguments).Split('«').Length - 1);
    });

    [Theory]
    [InlineData(nameof(Written.Plain), "This is needed.", 0)]
    [InlineData(nameof(Written.Filled), "Use {0} to {1} of {{host}}.", 0)]
    [InlineData(nameof(Written.Nested), "{0} failed.|Project {0}", 0)]
    [InlineData(nameof(Written.Branches), "Yes, {0}.|No.", 0)]
    [InlineData(nameof(Written.FinishedBranches), "", 1)]
    [InlineData(nameof(Written.Made), "", 1)]
    [InlineData(nameof(Written.WordsInAHole), "It is {0}.", 1)]
    public void Search_for_sentences_finds_them_as_the_compiler_wrote_them(string method, string formats, int faults)
    {
        var code = new SentencesInCode([typeof(Written).GetMethod(method)!]);

        Assert.Equal(formats.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), code.Formats.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(faults, code.Faults.Count);
    }

    private static void None(string what, IEnumerable<string> found) => Assert.True(!found.Any(), $"{what}:\n{string.Join('\n', found)}");

    // A form of places and signs alone only puts other sentences together.
    private static bool SaysSomething(string format) => Place().Replace(format, "").Any(char.IsLetter);

    private static string Places(string format) => string.Join(' ', Place().Matches(format).Select(m => m.Value).Order(StringComparer.Ordinal));

    private static Dictionary<string, string> Read(string file) =>
        XDocument.Load(Path.Combine(Folder, file)).Root!.Elements("data")
            .ToDictionary(d => d.Attribute("name")!.Value, d => d.Element("value")!.Value, StringComparer.Ordinal);

    private static class Written
    {
        public static Sentence Plain() => "This is needed.";

        public static Sentence Filled(int from, int to) => $"Use {from} to {to:0} of {{host}}.";

        public static Sentence Nested(string name) => $"{Sentence.Of($"Project {name}")} failed.";

        public static Sentence Branches(bool yes, string name) => yes ? Sentence.Of($"Yes, {name}.") : "No.";

        public static Sentence FinishedBranches(bool yes, string name) => yes ? $"Yes, {name}." : "No.";

        public static Sentence Made(string text) => text.Trim();

        public static Sentence WordsInAHole(bool away) => $"It is {(away ? "not there" : "there now")}.";
    }

    [GeneratedRegex(@"(?<!\{)(\{\{)*\{(?<place>\d+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();
}
