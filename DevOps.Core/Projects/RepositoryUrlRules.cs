using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>What the parts of a repository's address may hold. A fault is an <see cref="AddressFault"/>, which says what to do.</summary>
internal static class RepositoryUrlRules
{
    /// <summary>The accepted forms, in words.</summary>
    public static Sentence Forms { get; } = "Use https://host/path, ssh://user@host/path or user@host:path.";

    private const int MaxLength = 500;

    public static Sentence? CommonFault(string? text)
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

        return text.Contains('\\', StringComparison.Ordinal) ? Sentence.Of($"The address holds a backslash. {Forms}") : null;
    }

    public static (string Host, int? Port) SplitPort(string hostAndPort)
    {
        var colon = hostAndPort.LastIndexOf(':');
        if (colon < 0 || hostAndPort.EndsWith(']'))
        {
            return (hostAndPort, null);
        }

        if (!int.TryParse(hostAndPort.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            throw new AddressFault("The port must be a number from 1 to 65535.");
        }

        return (hostAndPort[..colon], port);
    }

    public static void RequireSafeUser(string? user, RepositoryScheme scheme)
    {
        if (user is null)
        {
            return;
        }

        if (user.Contains(':', StringComparison.Ordinal))
        {
            throw new AddressFault("The address holds a password, which would end up in logs. Store it as a credential and choose that for the repository.");
        }

        var safe = user.Length > 0 && user[0] is not ('-' or '.') && user.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+' or '~' || (c is '%' or '$' && scheme == RepositoryScheme.Https));
        if (!safe)
        {
            throw new AddressFault("The user in the address may hold letters, digits, dots, hyphens and underscores only.");
        }
    }

    public static void RequireSafeHost(string host)
    {
        var isBracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        var safe = isBracketed
            ? IPAddress.TryParse(host[1..^1], out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !host.Contains('%', StringComparison.Ordinal)
            : host.Length is > 0 and <= 253 && host[0] is not ('-' or '.') && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');
        if (!safe)
        {
            throw new AddressFault("The host in the address is no valid host name.");
        }
    }

    public static void RequireSafePath(string path)
    {
        if (path.IndexOfAny(['?', '#']) >= 0)
        {
            throw new AddressFault("The address holds ? or #, which no repository has. Copy the address that the git host gives for cloning.");
        }

        // ssh hands the path to the remote shell through git's own quoting; what git servers never have is refused all the same.
        if (path.IndexOfAny(['\'', '"', '`', '$', ';', '|', '&', '<', '>', '(', ')', '*', '{', '}', '!', '^']) >= 0)
        {
            throw new AddressFault("The path in the address holds a character that no repository has. Copy the address that the git host gives for cloning.");
        }

        var parts = path.Split('/');
        if (parts.Contains("..") || parts.Contains("%2e%2e", StringComparer.OrdinalIgnoreCase) || parts.Any(p => p.StartsWith('-')))
        {
            throw new AddressFault("No part of the path may be '..' or begin with a hyphen.");
        }
    }
}

/// <summary>What is wrong with a part of an address.</summary>
internal sealed class AddressFault(Sentence said) : Exception(said.ToString()), ISaid
{
    public Sentence Said { get; } = said;
}
