using System.Net;
using System.Net.Mail;
using System.Text;
using DevOps.Core.Notifications;
using DevOps.Core.Notifications.Messages;
using Microsoft.Extensions.Options;

namespace DevOps.Infrastructure.Notifications;

/// <summary>Sends a message as plain text mail, one mail for all addresses of the channel.</summary>
public sealed class ChannelMail(IOptions<MailOptions> options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes one try.</summary>
    internal async Task<SendAnswer> SendAsync(string addresses, DeploymentMessage message, CancellationToken cancellationToken)
    {
        var server = options.Value;
        if (!server.IsSet)
        {
            return SendAnswer.Never("The platform has no mail server. Set Mail:Host and Mail:From in its configuration.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var client = new SmtpClient(server.Host, server.Port)
            {
                EnableSsl = server.Tls,
                Credentials = server.User.Length > 0 ? new NetworkCredential(server.User, server.Password) : null,
            };
            using var mail = Compose(server.From, MailAddresses.Read(addresses) ?? [], message);
            await client.SendMailAsync(mail, limit.Token);
            return SendAnswer.Taken("taken by the mail server");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SendAnswer.Later($"the mail server did not take it within {Patience.TotalSeconds:0} s");
        }
        catch (SmtpException e)
        {
            // 5xx is a no for good, except where it stands for trouble of the connection (general failure).
            var text = e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;
            return (int)e.StatusCode is >= 550 and < 560 ? SendAnswer.Never(text) : SendAnswer.Later(text);
        }
    }

    private static MailMessage Compose(string from, IReadOnlyList<string> addresses, DeploymentMessage message)
    {
        var body = new StringBuilder(message.Title).Append("\n\n");
        foreach (var (label, value) in message.Facts)
        {
            body.Append(label).Append(": ").Append(value).Append('\n');
        }

        if (message.Link is { } link)
        {
            body.Append('\n').Append(link).Append('\n');
        }

        var mail = new MailMessage
        {
            From = new MailAddress(from),
            Subject = message.Title,
            SubjectEncoding = Encoding.UTF8,
            Body = body.ToString(),
            BodyEncoding = Encoding.UTF8,
            Headers = { ["Auto-Submitted"] = "auto-generated", ["X-Entity-Ref-ID"] = message.Id },
        };
        foreach (var address in addresses)
        {
            mail.To.Add(address);
        }

        return mail;
    }
}
