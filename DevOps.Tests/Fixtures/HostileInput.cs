namespace DevOps.Tests.Fixtures;

/// <summary>What attackers put into fields that reach git, ssh, docker or a shell; the classes of the published holes of such platforms. One list for
/// every test, so that a new trick is added once.</summary>
public static class HostileInput
{
    /// <summary>Words that a program would read as one of its options.</summary>
    public static IReadOnlyList<string> Options { get; } =
    [
        "-", "--", "-rf", "-v/:/host", "--privileged", "--upload-pack=touch /tmp/pwned", "--upload-pack=touch${IFS}/tmp/pwned", "--exec=id", "--output=/etc/cron.d/x", "-uid",
        "-oProxyCommand=touch${IFS}/tmp/pwned", "-oProxyCommand=id", "-F/tmp/config", "-c", "-cprotocol.ext.allow=always", "--config-env=core.sshCommand=X", "--template=/tmp",
    ];

    /// <summary>Words with characters that end a line, a text or a terminal's patience.</summary>
    public static IReadOnlyList<string> ControlCharacters { get; } =
        ["main\nid", "main\r\nid", "main\0", "main\0--exec", "\tmain", "main\t", "main\u001b[2J", "main\u007f", "main\u0085id", "\nmain", "main\n"];

    /// <summary>Words that a shell would take apart.</summary>
    public static IReadOnlyList<string> Shell { get; } =
    [
        "main;id", "main; rm -rf /", "main && id", "main||id", "main|id", "main&", "$(id)", "`id`", "${IFS}id", "$HOME", "a'b", "a\"b", "a'; id; '", "\"; id; \"", "main>x", "main<x",
        "{a,b}", "!id", "(id)", "#x", "a\\b", "*", "?", "[a]", "~root", "%h", "%u@evil",
    ];

    /// <summary>Words that lead out of a folder.</summary>
    public static IReadOnlyList<string> Traversal { get; } = ["..", "../x", "../../etc/passwd", "a/../../b", "/..", "./..", "..\\..\\x", "a/..", "/etc/passwd/.."];

    /// <summary>Everything that no name of anything may be.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Options, .. ControlCharacters, .. Shell, .. Traversal];

    /// <summary>Addresses of repositories that run something, read something, or go where they do not seem to.</summary>
    public static IReadOnlyList<string> RepositoryUrls { get; } =
    [
        .. Options,
        "ext::sh -c id", "ext::sh%20-c%20id", "fd::17", "EXT::sh -c id", "file::/etc", "testgit::/tmp", "https::https://git.example/a.git", "git://git.example/a.git", "http://git.example/a.git",
        "file:///etc", "/etc/passwd", "../other", "~/other", "https://-oProxyCommand=id/a.git", "ssh://-oProxyCommand=id/a.git", "ssh://git@-oProxyCommand=id/a.git",
        "ssh://-oProxyCommand=id@git.example/a.git", "git@-oProxyCommand=id:a.git", "-oProxyCommand=id@git.example:a.git", "git@git.example:-upload", "git@git.example:--upload-pack=id",
        "ssh://git@git.example/$(id)", "ssh://git@git.example/`id`", "git@git.example:a;id", "git@git.example:a'b", "https://git.example/a.git\n--upload-pack=id", "https://git.example/a b.git",
        "https://user:password@git.example/a.git", "https://git.example/%2e%2e/a.git", "https://git.example/../a.git", "https://git.example\\@evil.example/a.git", "javascript:alert(1)", "ftp://git.example/a.git",
    ];

    /// <summary>Addresses of health checks that are none.</summary>
    public static IReadOnlyList<string> HealthUrls { get; } =
    [
        .. Options,
        "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "ftp://{host}/", "javascript:alert(1)", "dict://{host}:11211/", "//{host}/", "{host}:3000", "http://", "http:///x",
        "http://{host}/a b", "http://{host}/\r\nX-Injected: 1", "http://user:password@{host}/", "http://{nothing}/", "http://{host", "unix:///var/run/docker.sock",
    ];

    /// <summary>Texts that a page must show and never run.</summary>
    public static IReadOnlyList<string> Markup { get; } =
    [
        "<script>window.ran=1</script>", "<img src=x onerror=window.ran=1>", "\"><svg onload=window.ran=1>", "'-window.ran=1-'", "<a href=\"javascript:window.ran=1\">go</a>", "{{7*7}}", "</textarea><script>window.ran=1</script>",
    ];
}
