using System.Globalization;
using System.Text;
using DevOps.Core.Notifications.Messages;

namespace DevOps.Infrastructure.Notifications;

/// <summary>A message as mail (RFC 5322): plain text in UTF-8, all of it as base64, so that nothing in it can be read as a header or as the end.</summary>
internal static class MailText
{
    // RFC 2047: an encoded word has 75 characters at most; so many bytes of text fit into one, with the name of the header before it.
    private const int WordBytes = 39;

    /// <summary>Header and body, lines ended by CR LF, without the dot that ends a mail.</summary>
    public static string Of(string from, IReadOnlyList<string> addresses, DeploymentMessage message)
    {
        var mail = new StringBuilder();
        Header("From", $"<{from}>");
        Header("To", string.Join(",\r\n ", addresses.Select(a => $"<{a}>")));
        Header("Subject", Encoded(message.Title));
        Header("Date", message.At.UtcDateTime.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        Header("Message-ID", $"<{message.Id}.{Guid.NewGuid():N}@{from[(from.LastIndexOf('@') + 1)..]}>");
        Header("Auto-Submitted", "auto-generated");
        Header("X-Entity-Ref-ID", message.Id);
        Header("MIME-Version", "1.0");
        Header("Content-Type", "text/plain; charset=utf-8");
        Header("Content-Transfer-Encoding", "base64");
        return mail.Append("\r\n").Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(Body(message)), Base64FormattingOptions.InsertLineBreaks)).Append("\r\n").ToString();

        void Header(string name, string value) => mail.Append(name).Append(": ").Append(value).Append("\r\n");
    }

    private static string Body(DeploymentMessage message)
    {
        var body = new StringBuilder(message.Title).Append("\r\n\r\n");
        foreach (var (label, value) in message.Facts)
        {
            body.Append(label).Append(": ").Append(value).Append("\r\n");
        }

        return message.Link is { } link ? body.Append("\r\n").Append(link).Append("\r\n").ToString() : body.ToString();
    }

    private static string Encoded(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Encoding.UTF8.GetByteCount(word.ToString()) + rune.Utf8SequenceLength > WordBytes)
            {
                words.Add(word.ToString());
                word.Clear();
            }

            word.Append(rune.ToString());
        }

        words.Add(word.ToString());
        return string.Join("\r\n ", words.Select(w => $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(w))}?="));
    }
}
