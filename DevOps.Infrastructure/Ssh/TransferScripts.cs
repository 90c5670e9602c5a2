using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Pipeline.Commands;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;

namespace DevOps.Infrastructure.Ssh;

/// <summary>The scripts of an upload, pure text. They need sh, tar, cp, mv, ln, sha256sum and the small change of every system (rm, mkdir, find, readlink).</summary>
internal static class TransferScripts
{
    /// <summary>First word of what <see cref="Begin"/> prints: the release is whole already.</summary>
    public const string Whole = "whole";

    /// <summary>The new folder began as links of the base; its content follows.</summary>
    public const string FromBase = "base";

    /// <summary>First word of what a script prints that receives a stream: it reads from now on.</summary>
    public const string Go = "go";

    /// <summary>Longest list of words for one command, in characters: far below the limit of an argument list (2 MiB with the environment) on every system.</summary>
    public const int WordsLimit = 64 * 1024;

    private const string Missing = "{ echo \"$tool: not found\" >&2; exit 127; };";

    // Widens the pipe through which sshd hands over what it receives, from 64 KiB to 1 MiB, where perl is there to ask for it (fcntl(2), F_SETPIPE_SZ).
    // sshd takes up to 256 KiB from the network before it writes again. What does not fit stays in a buffer that it enlarges by one packet at a time, copying all of it each time,
    // up to the channel's window of 2 MiB and more: that costs it a second for the first 20 MB of a connection where memory is slow. For the same reason nothing is sent before somebody reads.
    private const string Widen = "if command -v perl >/dev/null; then perl -e 'fcntl(STDIN, 1031, 1 << 20)' 2>/dev/null || :; fi\n";
    private const long WidenFrom = 512 * 1024;

    /// <summary>Looks for the mark, or makes the folder to fill: as links of the base, as a copy of it, or empty. What another upload of the same release was filling loses
    /// its name first: whoever still fills it, for a process that died meanwhile, can neither put it into place nor disturb this one.</summary>
    /// <param name="upload">What is uploaded.</param>
    /// <param name="partial">The folder to fill, from <see cref="Partial"/>.</param>
    /// <param name="hash">Hash of its manifest.</param>
    /// <param name="afresh">Trust neither the mark nor the base.</param>
    public static string Begin(ReleaseUpload upload, string partial, string hash, bool afresh)
    {
        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $"""
            umask 022
            for tool in tar cp mv ln find sha256sum; do command -v "$tool" >/dev/null || {Missing} done
            if [ -d {ShellQuote.Word(upload.Path + "/releases")} ]; then
            cd -- {ShellQuote.Word(upload.Path)}

            """);
        if (!afresh)
        {
            script.Append(CultureInfo.InvariantCulture, $"""
                mark=; if [ -f .devops/{Number(upload)} ] && [ -d {Place(upload)} ]; then IFS= read -r mark < .devops/{Number(upload)} || :; fi
                if [ "$mark" = {hash} ]; then echo {Whole}; exit 0; fi

                """);
        }

        // What still grows cannot be removed at once; pruning takes it. Once nobody else can put anything into place, what one who died had moved aside for it goes back.
        script.Append(CultureInfo.InvariantCulture, $$"""
            for half in releases/.{{Number(upload)}}.*; do
            if [ -d "$half" ] && [ "$half" != {{Aside(upload)}} ]; then mv -- "$half" "$half.gone"; rm -rf -- "$half.gone" 2>/dev/null || :; fi
            done
            if [ ! -e {{Place(upload)}} ] && [ -d {{Aside(upload)}} ]; then mv -- {{Aside(upload)}} {{Place(upload)}} || :; fi

            """);
        if (!afresh && upload.Base is { } known)
        {
            var folder = $"releases/{Number(known.Number)}";
            script.Append(CultureInfo.InvariantCulture, $$"""
                mark=; if [ -f .devops/{{Number(known.Number)}} ] && [ -d {{folder}} ]; then IFS= read -r mark < .devops/{{Number(known.Number)}} || :; fi
                if [ "$mark" = {{known.Manifest.Hash()}} ]; then
                if cp -al -- {{folder}} {{partial}} 2>/dev/null || { rm -rf -- {{partial}}; cp -a -- {{folder}} {{partial}} 2>/dev/null; }; then
                echo {{FromBase}}
                cd -- {{partial}}
                {{List}}
                exit 0
                fi
                rm -rf -- {{partial}}
                fi

                """);
        }

        return script.Append(CultureInfo.InvariantCulture, $"""
            fi
            mkdir -p -- {ShellQuote.Words(new[] { partial, ".devops", "shared" }.Select(f => $"{upload.Path}/{f}"))}
            cd -- {ShellQuote.Word(upload.Path)}

            """).ToString();
    }

    /// <summary>Takes away what does not belong, then unpacks the stream. What changed was unlinked before: a linked file is never written to.</summary>
    public static string Receive(ReleaseUpload upload, string partial, TransferPlan plan)
    {
        var script = new StringBuilder("umask 022\n");
        script.Append(CultureInfo.InvariantCulture, $"cd -- {ShellQuote.Word(upload.Path)}/{partial}\n");
        AppendWords(script, "rm -rf --", plan.Remove.Select(p => "./" + p));
        script.Append(plan.StreamLength < WidenFrom ? "" : Widen);
        return script.Append(CultureInfo.InvariantCulture, $"echo {Go}\nLC_ALL=C tar -xof -\n").ToString();
    }

    /// <summary>Links the shared paths and writes the environment's files. Repeatable, also on a release that runs.</summary>
    public static string Dress(ReleaseUpload upload, string folder)
    {
        var script = new StringBuilder("umask 022\n");
        script.Append(CultureInfo.InvariantCulture, $"cd -- {ShellQuote.Word(upload.Path)}\n");
        foreach (var entry in upload.Shared)
        {
            AppendShared(script, folder, entry);
        }

        foreach (var (path, content) in upload.Files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var target = ShellQuote.Word($"{folder}/{path}");
            var half = ShellQuote.Word($"{folder}/{path}.devops-new");
            script.Append(CultureInfo.InvariantCulture, $"""
                if [ -d {target} ] && [ ! -L {target} ]; then printf '%s is a folder in the release and cannot be written as a file.\n' {ShellQuote.Word(path)} >&2; exit 1; fi
                mkdir -p -- {ShellQuote.Word(Parent($"{folder}/{path}"))}
                rm -f -- {half}
                (umask 077; printf '%s' {ShellQuote.Word(content.Reveal())} > {half})
                mv -f -- {half} {target}

                """);
        }

        return script.ToString();
    }

    /// <summary>Puts the proved folder into its place, then writes the mark, half of which is none. What lies there stays when the folder has lost its name meanwhile.</summary>
    public static string Finish(ReleaseUpload upload, string partial, string hash) => $$"""
        cd -- {{ShellQuote.Word(upload.Path)}}
        if [ ! -d {{partial}} ]; then echo 'Another upload of this release has begun.' >&2; exit 1; fi
        if [ -e .devops/{{Number(upload)}} ] || [ -e {{Aside(upload)}} ]; then rm -rf -- .devops/{{Number(upload)}} {{Aside(upload)}}; fi
        old=; if [ -e {{Place(upload)}} ]; then old={{Aside(upload)}}; mv -- {{Place(upload)}} "$old"; fi
        mv -- {{partial}} {{Place(upload)}} || { if [ -n "$old" ]; then mv -- "$old" {{Place(upload)}}; fi; exit 1; }
        if [ -n "$old" ]; then rm -rf -- "$old"; fi
        echo {{hash}} > .devops/{{Number(upload)}}

        """;

    /// <summary>A folder to fill that nobody else fills, relative to the project's.</summary>
    public static string Partial(ReleaseUpload upload) => $"releases/.{Number(upload)}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>The release's own folder, relative to the project's.</summary>
    public static string Place(ReleaseUpload upload) => $"releases/{Number(upload)}";

    // Where a release lies while another takes its place.
    private static string Aside(ReleaseUpload upload) => $"releases/.{Number(upload)}.old";

    // Every path with what it is: d folder, l link, a plain file, x executable file, ? anything else. One question per call:
    // the find of busybox 1.35 forgets all but the last list of several.
    private const string List = """
        find . ! -name . -type d -exec printf 'd%s\0' {} +
        find . -type l -exec printf 'l%s\0' {} +
        find . -type f -perm 644 -exec printf 'a%s\0' {} +
        find . -type f -perm 755 -exec printf 'x%s\0' {} +
        find . ! -type d ! -type l \( ! -type f -o ! -perm 644 ! -perm 755 \) -exec printf '?%s\0' {} +
        """;

    private static void AppendShared(StringBuilder script, string folder, string entry)
    {
        var path = entry.TrimEnd('/');
        var shared = ShellQuote.Word("shared/" + path);
        var own = ShellQuote.Word($"{folder}/{path}");
        var up = string.Concat(Enumerable.Repeat("../", path.Count(c => c == '/') + 2));
        script.Append(CultureInfo.InvariantCulture, $"""
            if [ ! -e {shared} ] && [ ! -L {shared} ]; then
            mkdir -p -- {ShellQuote.Word(Parent("shared/" + path))}
            if [ -e {own} ] && [ ! -L {own} ]; then cp -a -- {own} {shared}
            else {(entry.EndsWith('/') ? $"mkdir -p -- {shared}" : $": > {shared}")}; fi
            fi
            if [ "$(readlink -- {own})" != {ShellQuote.Word(up + "shared/" + path)} ]; then
            rm -rf -- {own}
            mkdir -p -- {ShellQuote.Word(Parent($"{folder}/{path}"))}
            ln -s -- {ShellQuote.Word(up + "shared/" + path)} {own}
            fi

            """);
    }

    private static void AppendWords(StringBuilder script, string command, IEnumerable<string> paths)
    {
        var line = new StringBuilder();
        foreach (var path in paths)
        {
            line.Append(' ').Append(ShellQuote.Word(path));
            if (line.Length > WordsLimit)
            {
                script.Append(command).Append(line).Append('\n');
                line.Clear();
            }
        }

        if (line.Length > 0)
        {
            script.Append(command).Append(line).Append('\n');
        }
    }

    private static string Parent(string path) => path[..path.LastIndexOf('/')];

    private static string Number(ReleaseUpload upload) => Number(upload.Number);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
