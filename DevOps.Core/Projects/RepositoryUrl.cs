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
        TryParse(text, allowFiles, out var fault) ?? throw new InvalidInput("repository.url", fault!);

    /// <summary>Notes a fault when the text is no accepted address.</summary>
    public static void Check(string? text, bool allowFiles, string field, Faults faults)
    {
        _ = TryParse(text, allowFiles, out var fault);
        faults.AddAny(field, fault);
    }

    /// <summary>Reads an address, or says in <paramref name="fault"/> why it is refused and what to do.</summary>
    public static RepositoryUrl? TryParse(string? text, bool allowFiles, out Sentence? fault)
    {
        fault = RepositoryUrlRules.CommonFault(text);
        if (fault is not null)
        {
            return null;
        }

        try
        {
            return ParseForm(text!, allowFiles);
        }
        catch (AddressFault e)
        {
            fault = e.Said;
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
            "http" => throw new AddressFault("Plain http can be read and changed on its way. Use https."),
            _ => throw new AddressFault($"This protocol is not accepted. {RepositoryUrlRules.Forms}"),
        };
    }

    private static RepositoryUrl ParseFile(string text, bool allowFiles, int start)
    {
        if (!allowFiles)
        {
            throw new AddressFault("Repositories in local folders are not accepted here. An administrator allows them with DEVOPS_ALLOW_FILE_REPOSITORIES=true.");
        }

        var path = text[start..];
        if (path.Length < 2 || path[0] != '/' || path[1] is '/' or '-')
        {
            throw new AddressFault("Give a local folder as file:///absolute/path.");
        }

        RepositoryUrlRules.RequireSafePath(path);
        return new RepositoryUrl(text, RepositoryScheme.File, "", path);
    }

    private static RepositoryUrl ParseNetwork(string text, RepositoryScheme scheme, int start)
    {
        var slash = text.IndexOf('/', start);
        if (slash < 0 || slash == text.Length - 1)
        {
            throw new AddressFault($"The address names no repository on the host. {RepositoryUrlRules.Forms}");
        }

        var authority = text[start..slash];
        var path = text[slash..];
        var at = authority.LastIndexOf('@');
        var user = at < 0 ? null : authority[..at];
        RepositoryUrlRules.RequireSafeUser(user, scheme);
        var (host, port) = RepositoryUrlRules.SplitPort(authority[(at + 1)..]);
        RepositoryUrlRules.RequireSafeHost(host);
        RepositoryUrlRules.RequireSafePath(path);
        return new RepositoryUrl(text, scheme, host.ToLowerInvariant(), path) { User = user, Port = port };
    }

    private static RepositoryUrl ParseScp(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (colon <= 0 || at <= 0 || at > colon || text.IndexOf('/', StringComparison.Ordinal) is var slash && slash >= 0 && slash < colon)
        {
            throw new AddressFault($"This is no address of a repository. {RepositoryUrlRules.Forms}");
        }

        var (user, host, path) = (text[..at], text[(at + 1)..colon], text[(colon + 1)..]);
        if (path.Length == 0 || path[0] is ':' or '-')
        {
            throw new AddressFault($"This is no address of a repository. {RepositoryUrlRules.Forms}");
        }

        RepositoryUrlRules.RequireSafeUser(user, RepositoryScheme.Ssh);
        RepositoryUrlRules.RequireSafeHost(host);
        RepositoryUrlRules.RequireSafePath(path);
        return new RepositoryUrl(text, RepositoryScheme.Ssh, host.ToLowerInvariant(), path) { User = user, IsScpForm = true };
    }
}
