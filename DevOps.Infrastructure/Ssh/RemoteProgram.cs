using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DevOps.Core.Pipeline.Commands;

namespace DevOps.Infrastructure.Ssh;

/// <summary>What travels to a server on standard input to be run there. The argument list is always <see cref="Bootstrap"/>.</summary>
/// <param name="Bytes">Length and text of the program.</param>
/// <param name="Marker">What both outputs begin with, on a line of its own, and what stands before the exit code at their end. Only this program knows it.</param>
internal sealed partial record RemoteProgram(byte[] Bytes, string Marker)
{
    /// <summary>Valid in every login shell (sh, zsh, fish, csh). Where sshd did not make the shell the leader of a process group,
    /// <c>setsid</c> does. Then the program is read: exactly its bytes, so that what follows stays on standard input.</summary>
    public const string Bootstrap =
        "exec /bin/sh -c 'kill -0 -$$ 2>/dev/null || { command -v setsid >/dev/null 2>&1 && exec setsid /bin/sh -c \"$1\" sh; }; eval \"$1\"' sh "
        + "'read -r n && s=$(dd bs=\"$n\" count=1 iflag=fullblock 2>/dev/null || dd bs=1 count=\"$n\" 2>/dev/null) && eval \"$s\"'";

    /// <summary>A command that sees an empty standard input. When ours closes, its process group is ended: TERM, and a second later KILL.</summary>
    /// <remarks>A program that arrives cut short does not parse and does nothing: its end is a closing brace.
    /// The code is reported before the last stragglers of a stopped command are gone, so that nobody waits for their second.</remarks>
    public static RemoteProgram ForCommand(RemoteCommand command)
    {
        var marker = NewMarker();
        var folder = command.Folder is null ? "" : $"cd -- {ShellQuote.Word(command.Folder)} 2>/dev/null || {{ printf '%s\\n' {ShellQuote.Word($"The folder {command.Folder} is not there or may not be entered.")} >&2; exit 1; }}";
        return Pack(marker, $$"""
            {
            {{Start(marker)}}
            unset n s
            stopped=
            trap 'stopped=1' TERM
            exec 3<&0 </dev/null
            (trap '' TERM HUP INT; read -r x <&3; kill -TERM -$$; sleep 1; kill -KILL -$$) >/dev/null 2>&1 &
            watcher=$!
            (
            exec 3<&-
            trap - TERM
            unset stopped watcher
            {{folder}}
            {{Exports(command)}}
            set -e
            eval {{ShellQuote.Word(command.Script)}}
            )
            code=$?
            {{Report(marker)}}
            exec >/dev/null 2>&1
            if [ -n "$stopped" ]; then wait "$watcher"; fi
            kill -KILL "$watcher"
            wait "$watcher"
            }
            """);
    }

    /// <summary>A script that reads what follows on standard input. Whoever ends the connection ends the input.</summary>
    public static RemoteProgram ForData(string script)
    {
        var marker = NewMarker();
        return Pack(marker, $$"""
            {
            {{Start(marker)}}
            unset n s
            (
            set -e
            eval {{ShellQuote.Word(script)}}
            )
            code=$?
            {{Report(marker)}}
            }
            """);
    }

    private static RemoteProgram Pack(string marker, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        return new RemoteProgram([.. Encoding.ASCII.GetBytes(body.Length.ToString(CultureInfo.InvariantCulture) + "\n"), .. body], "\u001e" + marker);
    }

    private static string Start(string marker) => OnBoth(marker);

    private static string Report(string marker) => OnBoth($"{marker}:\"$code\"");

    private static string OnBoth(string word) => $"printf '\\036%s\\n' {word}\nprintf '\\036%s\\n' {word} >&2";

    private static string NewMarker() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static string Exports(RemoteCommand command)
    {
        var lines = new StringBuilder();
        foreach (var (name, value) in command.Variables)
        {
            if (!NameForm().IsMatch(name))
            {
                throw new ArgumentException($"'{name}' cannot be the name of a variable.", nameof(command));
            }

            lines.Append("export ").Append(name).Append('=').Append(ShellQuote.Word(value.Reveal())).Append('\n');
        }

        return lines.ToString();
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NameForm();
}
