using System.Globalization;

namespace DevOps.Core.Pipeline.Commands;

/// <summary>Scripts that work on the releases of one project's folder on a server. They run under <c>/bin/sh -e</c> and can be repeated.</summary>
/// <remarks>The layout: <c>releases/{number}</c>, <c>current</c> (a link to <c>releases/{number}</c>), <c>shared</c>,
/// and <c>.devops/{number}</c>, a mark that holds the hash of a release's manifest and is written once its checksums were proved.</remarks>
public static class ReleaseCommands
{
    /// <summary>Makes a release the current one with one rename, so that <c>current</c> is never absent and never half.</summary>
    /// <remarks>Renaming over a link to a folder needs <c>mv -T</c> (GNU, busybox, toybox) or <c>mv -h</c> (BSD, macOS). Where neither is
    /// known the script fails: plain <c>mv</c> would move the new link into the old release.</remarks>
    /// <param name="path">The project's folder on the server, absolute.</param>
    /// <param name="number">Number of the release.</param>
    public static string Activate(string path, int number) => $$"""
        cd -- {{ShellQuote.Word(path)}}
        if [ ! -d releases/{{Text(number)}} ]; then echo 'Release {{Text(number)}} is not on this server. Deploy it again.' >&2; exit 1; fi
        if [ -e current ] && [ ! -L current ]; then echo 'current is there and is no link. Move it away, then deploy again.' >&2; exit 1; fi
        rm -rf -- current.tmp
        ln -s -- releases/{{Text(number)}} current.tmp
        said=$(mv -fT -- current.tmp current 2>&1) || mv -fh -- current.tmp current 2>/dev/null || { printf '%s\n' "$said" >&2; exit 1; }
        """;

    /// <summary>Prints the number of the release that <c>current</c> points at, or nothing.</summary>
    /// <param name="path">The project's folder on the server, absolute.</param>
    public static string ReadCurrent(string path) => $$"""
        link=$(readlink -- {{ShellQuote.Word(path + "/current")}}) || exit 0
        number=${link#releases/}
        case $link in releases/*) ;; *) exit 0 ;; esac
        case $number in ''|*[!0-9]*) ;; *) printf '%s\n' "$number" ;; esac
        """;

    /// <summary>Removes the oldest releases beyond a number, and what unfinished uploads left. The current one and the protected ones stay.</summary>
    /// <param name="path">The project's folder on the server, absolute.</param>
    /// <param name="keep">How many of the newest stay.</param>
    /// <param name="protect">Numbers that stay in any case.</param>
    public static string Prune(string path, int keep, IReadOnlyCollection<int> protect) => $$"""
        cd -- {{ShellQuote.Word(path + "/releases")}}
        current=$(readlink ../current) || current=
        protected=' {{string.Join(' ', protect.Order().Select(Text))}} '${current#releases/}' '
        left={{Text(keep)}}
        for number in $(for name in *; do case $name in *[!0-9]*) ;; *) printf '%s\n' "$name" ;; esac; done | sort -rn); do
        if [ "$left" -gt 0 ]; then left=$((left - 1)); continue; fi
        case $protected in *" $number "*) continue ;; esac
        rm -f -- "../.devops/$number"
        rm -rf -- "$number"
        printf 'Removed release %s.\n' "$number"
        done
        for half in .[0-9]*; do rm -rf -- "$half"; done
        """;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
