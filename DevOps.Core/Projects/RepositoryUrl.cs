using System.Globalization;
using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>By which way a repository is reached.</summary>
public enum RepositoryScheme
{
    /// <summary><c>https://host/path</c>.</summary>
    Https,

    /// <summary><c>ssh://user@host/path</c> or <c>user@host:path</c>.</summary>
    Ssh,

    /// <summary><c>file:///path</c>, only where an administrator allows it.</summary>
    File,
}

/// <summary>The address of a git repository in one of the accepted forms, taken apart. No part of it can be read as an option or as another protocol.</summary>
public sealed record RepositoryUrl
{
    private const int MaxLength = 500;
    private const string Forms = "Use https://host/path, ssh://user@host/path or user@host:path.";

    private RepositoryUrl(string text, RepositoryScheme scheme, string host, string path)
    {
        Text = text;
        Scheme = scheme;
        Host = host;
        Path = path;
    }

    /// <summary>The address as it was given.</summary>
    public string Text { get; }

    /// <summary>The way.</summary>
    public RepositoryScheme Scheme { get; }

    /// <summary>Host name or address in small letters; empty for a file.</summary>
    public string Host { get; }

    /// <summary>Path on the host, beginning with a slash where the form has one.</summary>
    public string Path { get; }

    /// <summary>User of the address, when it names one.</summary>
    public string? User { get; private init; }

    /// <summary>Port, when it is not the usual one.</summary>
    public int? Port { get; private init; }

    /// <summary>Whether it is written as <c>user@host:path</c>.</summary>
    public bool IsScpForm { get; private init; }

    /// <summary>Scheme, host and port: who is spoken to. A credential for one origin goes to no other.</summary>
    public string Origin => string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port ?? 0}");

    /// <summary>Reads an address.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="allowFiles">Whether <c>file://</c> is accepted.</param>
    /// <exception cref="InvalidInput">It is none of the accepted forms; the field is called <c>repository.url</c>.</exception>
    public static RepositoryUrl Parse(string? text, bool allowFiles) =>
        TryParse(text, allowFiles, out var fault) ?? throw new InvalidInput("repository.url", fault);

    /// <summary>Notes a fault when the text is no accepted address.</summary>
    public static void Check(string? text, bool allowFiles, string field, Faults faults) =>
        faults.When(TryParse(text, allowFiles, out var fault) is null, field, fault);

    /// <summary>Reads an address, or says in <paramref name="fault"/> why it is refused and what to do.</summary>
    public static RepositoryUrl? TryParse(string? text, bool allowFiles, out string fault)
    {
        fault = CommonFault(text) ?? "";
        if (fault.Length > 0)
        {
            return null;
        }

        try
        {
            return ParseForm(text!, allowFiles);
        }
        catch (FormatException e)
        {
            fault = e.Message;
            return null;
        }
    }

    /// <summary>The address that <paramref name="other"/> means when it stands in the <c>.gitmodules</c> of this repository: itself, or this one changed by <c>./</c> and <c>../</c>.</summary>
    /// <exception cref="InvalidInput">It is none of the accepted forms, or leads above the host.</exception>
    public RepositoryUrl Resolve(string other, bool allowFiles)
    {
        if (!other.StartsWith("./", StringComparison.Ordinal) && !other.StartsWith("../", StringComparison.Ordinal))
        {
            return Parse(other, allowFiles);
        }

        var place = Path.Trim('/').Split('/').ToList();
        foreach (var part in other.TrimEnd('/').Split('/'))
        {
            switch (part)
            {
                case ".":
                    break;
                case ".." when place.Count == 0:
                    throw new InvalidInput("repository.url", $"'{other}' leads above the host of {Text}.");
                case "..":
                    place.RemoveAt(place.Count - 1);
                    break;
                default:
                    place.Add(part);
                    break;
            }
        }

        var slash = Path.StartsWith('/') ? "/" : "";
        return Parse($"{Text[..^Path.Length]}{slash}{string.Join('/', place)}", allowFiles);
    }

    private static string? CommonFault(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return $"Give the address of the repository. {Forms}";
        }

        if (text.Length > MaxLength)
        {
            return $"The address is longer than {MaxLength} characters.";
        }

        if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format))
        {
            return "The address holds a blank, a control character or an invisible character. Remove it.";
        }

        if (text[0] == '-')
        {
            return $"The address begins with a hyphen and would be read as an option. {Forms}";
        }

        return text.Contains('\\', StringComparison.Ordinal) ? $"The address holds a backslash. {Forms}" : null;
    }

    private static RepositoryUrl ParseForm(string text, bool allowFiles)
    {
        var mark = text.IndexOf("://", StringComparison.Ordinal);
        if (mark < 0)
        {
            return ParseScp(text);
        }

        return text[..mark].ToLowerInvariant() switch
        {
            "https" => ParseNetwork(text, RepositoryScheme.Https, mark + 3),
            "ssh" => ParseNetwork(text, RepositoryScheme.Ssh, mark + 3),
            "file" => ParseFile(text, allowFiles, mark + 3),
            "http" => throw new FormatException("Plain http can be read and changed on its way. Use https."),
            _ => throw new FormatException($"This protocol is not accepted. {Forms}"),
        };
    }

    private static RepositoryUrl ParseFile(string text, bool allowFiles, int start)
    {
        if (!allowFiles)
        {
            throw new FormatException("Repositories in local folders are not accepted here. An administrator allows them with DEVOPS_ALLOW_FILE_REPOSITORIES=true.");
        }

        var path = text[start..];
        if (path.Length < 2 || path[0] != '/' || path[1] is '/' or '-')
        {
            throw new FormatException("Give a local folder as file:///absolute/path.");
        }

        RequireSafePath(path);
        return new RepositoryUrl(text, RepositoryScheme.File, "", path);
    }

    private static RepositoryUrl ParseNetwork(string text, RepositoryScheme scheme, int start)
    {
        var slash = text.IndexOf('/', start);
        if (slash < 0 || slash == text.Length - 1)
        {
            throw new FormatException($"The address names no repository on the host. {Forms}");
        }

        var authority = text[start..slash];
        var path = text[slash..];
        var at = authority.LastIndexOf('@');
        var user = at < 0 ? null : authority[..at];
        RequireSafeUser(user, scheme);
        var (host, port) = SplitPort(authority[(at + 1)..]);
        RequireSafeHost(host);
        RequireSafePath(path);
        return new RepositoryUrl(text, scheme, host.ToLowerInvariant(), path) { User = user, Port = port };
    }

    private static RepositoryUrl ParseScp(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (colon <= 0 || at <= 0 || at > colon || text.IndexOf('/', StringComparison.Ordinal) is var slash && slash >= 0 && slash < colon)
        {
            throw new FormatException($"This is no address of a repository. {Forms}");
        }

        var (user, host, path) = (text[..at], text[(at + 1)..colon], text[(colon + 1)..]);
        if (path.Length == 0 || path[0] is ':' or '-')
        {
            throw new FormatException($"This is no address of a repository. {Forms}");
        }

        RequireSafeUser(user, RepositoryScheme.Ssh);
        RequireSafeHost(host);
        RequireSafePath(path);
        return new RepositoryUrl(text, RepositoryScheme.Ssh, host.ToLowerInvariant(), path) { User = user, IsScpForm = true };
    }

    private static (string Host, int? Port) SplitPort(string hostAndPort)
    {
        var colon = hostAndPort.LastIndexOf(':');
        if (colon < 0 || hostAndPort.EndsWith(']'))
        {
            return (hostAndPort, null);
        }

        if (!int.TryParse(hostAndPort.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            throw new FormatException("The port must be a number from 1 to 65535.");
        }

        return (hostAndPort[..colon], port);
    }

    private static void RequireSafeUser(string? user, RepositoryScheme scheme)
    {
        if (user is null)
        {
            return;
        }

        if (user.Contains(':', StringComparison.Ordinal))
        {
            throw new FormatException("The address holds a password, which would end up in logs. Store it as a credential and choose that for the repository.");
        }

        var safe = user.Length > 0 && user[0] is not ('-' or '.') && user.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+' or '~' || (c is '%' or '$' && scheme == RepositoryScheme.Https));
        if (!safe)
        {
            throw new FormatException("The user in the address may hold letters, digits, dots, hyphens and underscores only.");
        }
    }

    private static void RequireSafeHost(string host)
    {
        var isBracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        var safe = isBracketed
            ? System.Net.IPAddress.TryParse(host[1..^1], out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && !host.Contains('%', StringComparison.Ordinal)
            : host.Length is > 0 and <= 253 && host[0] is not ('-' or '.') && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
        if (!safe)
        {
            throw new FormatException("The host in the address is no valid host name.");
        }
    }

    private static void RequireSafePath(string path)
    {
        if (path.IndexOfAny(['?', '#']) >= 0)
        {
            throw new FormatException("The address holds ? or #, which no repository has. Copy the address that the git host gives for cloning.");
        }

        // ssh hands the path to the remote shell through git's own quoting; what git servers never have is refused all the same.
        if (path.IndexOfAny(['\'', '"', '`', '$', ';', '|', '&', '<', '>', '(', ')', '*', '{', '}', '!', '^']) >= 0)
        {
            throw new FormatException("The path in the address holds a character that no repository has. Copy the address that the git host gives for cloning.");
        }

        var parts = path.Split('/');
        if (parts.Contains("..") || parts.Contains("%2e%2e", StringComparer.OrdinalIgnoreCase) || parts.Any(p => p.StartsWith('-')))
        {
            throw new FormatException("No part of the path may be '..' or begin with a hyphen.");
        }
    }
}
