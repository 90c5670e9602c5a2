using System.Net.Mail;

namespace DevOps.Core.Notifications;

/// <summary>Addresses of a mail channel: <c>mailto:a@example.com,b@example.com</c>, with or without the scheme.</summary>
public static class MailAddresses
{
    /// <summary>Most addresses of a channel.</summary>
    public const int Most = 20;

    private const string Scheme = "mailto:";

    /// <summary>The addresses, or null when one of them is none or there are none or too many.</summary>
    public static IReadOnlyList<string>? Read(string? text)
    {
        if (text is null || TextRule.HasControl(text))
        {
            return null;
        }

        var list = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..] : text;
        var addresses = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return addresses.Length is > 0 and <= Most && Array.TrueForAll(addresses, IsAddress) ? addresses : null;
    }

    // Nothing but the address itself: no display name, no comment.
    private static bool IsAddress(string text) =>
        MailAddress.TryCreate(text, out var address) && string.Equals(address.Address, text, StringComparison.Ordinal) && address.Host.Length > 0;
}
