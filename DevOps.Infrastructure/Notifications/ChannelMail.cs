using System.Net.Sockets;
using System.Security.Authentication;
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
            return await DeliverAsync(server, MailAddresses.Read(addresses) ?? [], message, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SendAnswer.Later($"the mail server did not take it within {Patience.TotalSeconds:0} s");
        }
        catch (MailRefused e)
        {
            // 55x is a no for good; what it says of signing in or of itself may change.
            return e.Code is >= 550 and < 560 ? SendAnswer.Never(e.Message) : SendAnswer.Later(e.Message);
        }
        catch (AuthenticationException e)
        {
            return SendAnswer.Later($"The certificate of the mail server is not trusted: {e.Message} Give the root certificate of your company in Mail:CaFile.");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return SendAnswer.Later(e.Message);
        }
    }

    private static async Task<SendAnswer> DeliverAsync(MailOptions server, IReadOnlyList<string> addresses, DeploymentMessage message, CancellationToken cancellationToken)
    {
        await using var connection = await MailConnection.OpenAsync(server, cancellationToken);
        if (server.User.Length > 0)
        {
            await SignInAsync(connection, server, cancellationToken);
        }

        var unicode = addresses.Append(server.From).Any(a => !Ascii.IsValid(a));
        if (unicode && !connection.Offers.ContainsKey("SMTPUTF8"))
        {
            throw new MailRefused(553, "The mail server takes addresses in plain letters only.");
        }

        await connection.SayAsync($"MAIL FROM:<{server.From}>{(unicode ? " SMTPUTF8" : "")}", 250, cancellationToken);
        var refused = new List<MailRefused>();
        foreach (var address in addresses)
        {
            try
            {
                await connection.SayAsync($"RCPT TO:<{address}>", 250, cancellationToken);
            }
            catch (MailRefused e) when (e.Code != 0 && refused.Count < addresses.Count - 1)
            {
                refused.Add(e);
            }
        }

        await connection.SayAsync("DATA", 354, cancellationToken);
        await connection.SendAsync(MailText.Of(server.From, addresses, message), cancellationToken);
        return SendAnswer.Taken(refused.Count == 0 ? "taken by the mail server" : $"taken by the mail server, but not for everybody: {refused[0].Message}");
    }

    private static async Task SignInAsync(MailConnection connection, MailOptions server, CancellationToken cancellationToken)
    {
        var ways = connection.Offers.GetValueOrDefault("AUTH", "").Split(' ');
        if (ways.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            await connection.SayAsync($"AUTH PLAIN {Base64($"\0{server.User}\0{server.Password}")}", 235, cancellationToken);
        }
        else if (ways.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            await connection.SayAsync("AUTH LOGIN", 334, cancellationToken);
            await connection.SayAsync(Base64(server.User), 334, cancellationToken);
            await connection.SayAsync(Base64(server.Password), 235, cancellationToken);
        }
        else
        {
            throw new MailRefused(0, "The mail server offers no way to sign in that is known here (PLAIN, LOGIN).");
        }
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
