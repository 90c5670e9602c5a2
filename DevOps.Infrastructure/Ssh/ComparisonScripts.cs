using System.Globalization;
using System.Text;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;

namespace DevOps.Infrastructure.Ssh;

/// <summary>The scripts that compare what is on a server with what is to be there, pure text. They leave <c>result</c> set.</summary>
internal static class ComparisonScripts
{
    /// <summary>What a comparison prints last when nothing differs.</summary>
    public const string Same = "same";

    /// <summary>Follows a comparison: what comes after it is only for what does not differ.</summary>
    public const string EndIfDifferent = $"if [ \"$result\" != {Same} ]; then exit 0; fi\n";

    private const long LargeFile = 4 << 20;

    // Where openssl is there it hashes at about twice the speed of coreutils, which must not be linked with it everywhere; it is believed once it knows the hash of nothing.
    private const string Digest = """
        case $(printf '' | openssl dgst -sha256 -r 2>/dev/null) in
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855*) digest() { openssl dgst -sha256 -r; } ;;
        *) digest() { sha256sum; } ;;
        esac

        """;

    /// <summary>Compares files with their hashes and prints what differs; ends with <c>same</c> or <c>different</c>.</summary>
    public static string Verify(ReleaseUpload upload, string folder, IReadOnlyCollection<ManifestEntry> files)
    {
        var script = Comparison(upload, folder);
        AppendHashes(script, files);
        return script.Append("echo \"$result\"\n").ToString();
    }

    /// <summary>Compares what has just arrived with its checksums, and what lay there before with its hashes; ends with <c>same</c> or <c>different</c>.
    /// Where there is no cksum, or one that prints something else, that is different too: the hashes have the last word.</summary>
    public static string Prove(ReleaseUpload upload, string folder, IEnumerable<ManifestEntry> arrived, IReadOnlyCollection<ManifestEntry> before)
    {
        var script = Comparison(upload, folder);
        AppendHashes(script, before);
        var words = new StringBuilder();
        var lines = new StringBuilder();
        foreach (var file in arrived)
        {
            words.Append(' ').Append(ShellQuote.Word("./" + file.Path));
            lines.Append(CultureInfo.InvariantCulture, $"{file.Checksum} {file.Size} ./{file.Path}\n");
            if (words.Length > TransferScripts.WordsLimit)
            {
                AppendChecksums(script, words, lines);
            }
        }

        AppendChecksums(script, words, lines);
        return script.Append("echo \"$result\"\n").ToString();
    }

    private static StringBuilder Comparison(ReleaseUpload upload, string folder) =>
        new StringBuilder().Append(CultureInfo.InvariantCulture, $"cd -- {ShellQuote.Word(upload.Path)}/{folder}\nexport LC_ALL=C\nresult={Same}\n");

    private static void AppendChecksums(StringBuilder script, StringBuilder words, StringBuilder lines)
    {
        if (words.Length == 0)
        {
            return;
        }

        // The shell takes the last line break off what a command printed.
        var expected = ShellQuote.Word(lines.ToString(0, lines.Length - 1));
        script.Append(CultureInfo.InvariantCulture, $"if [ \"$(cksum{words} 2>/dev/null)\" != {expected} ]; then result=different; fi\n");
        words.Clear();
        lines.Clear();
    }

    private static void AppendHashes(StringBuilder script, IReadOnlyCollection<ManifestEntry> files)
    {
        var single = files.Where(f => !FitsList(f)).ToList();
        if (single.Count > 0)
        {
            script.Append(Digest);
        }

        foreach (var file in single)
        {
            var path = ShellQuote.Word("./" + file.Path);
            script.Append(CultureInfo.InvariantCulture, $"sum=$(digest < {path}) || sum=\nif [ \"${{sum%% *}}\" != {file.Sha256} ]; then result=different; printf '%s: FAILED\\n' {path}; fi\n");
        }

        var listed = new StringBuilder();
        foreach (var file in files.Where(FitsList))
        {
            listed.Append(CultureInfo.InvariantCulture, $"{file.Sha256}  ./{file.Path}\n");
        }

        if (listed.Length > 0)
        {
            script.Append(CultureInfo.InvariantCulture, $$"""
                if ! said=$(printf '%s' {{ShellQuote.Word(listed.ToString())}} | sha256sum -c - 2>&1); then
                result=different
                printf '%s\n' "$said" | while IFS= read -r line; do case $line in *': OK') ;; *) printf '%s\n' "$line" ;; esac; done
                fi

                """);
        }
    }

    // The list of sha256sum knows no line breaks; its escapes for them differ between systems. A large file is worth a program of its own.
    private static bool FitsList(ManifestEntry file) => file.Size < LargeFile && file.Path.AsSpan().IndexOfAny('\n', '\r', '\\') < 0;
}
