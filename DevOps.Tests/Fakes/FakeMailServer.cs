using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DevOps.Tests.Fakes;

/// <summary>A mail server on a free loopback port that takes one mail, encrypted if it is given a certificate.</summary>
public sealed class FakeMailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Manner _manner;
    private readonly StringBuilder _said = new();
    private readonly Task _conversation;
    private int _asked;

    public FakeMailServer(string answerToRecipient = "250 OK")
        : this(new Manner { AnswerToRecipient = answerToRecipient })
    {
    }

    public FakeMailServer(Manner manner)
    {
        _manner = manner;
        _listener.Start();
        _conversation = TalkAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Everything the sender said, once it has hung up; what came encrypted begins with a lock.</summary>
    public async Task<string> ConversationAsync()
    {
        await _conversation.WaitAsync(TimeSpan.FromSeconds(30));
        return _said.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _conversation.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TalkAsync()
    {
        using var client = await _listener.AcceptTcpClientAsync();
        try
        {
            await TalkAsync(client.GetStream());
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            _said.AppendLine("hung up");
        }
    }

    private async Task TalkAsync(Stream stream)
    {
        var encrypted = _manner.Implicit;
        stream = encrypted ? await EncryptAsync(stream) : stream;
        await SayAsync(stream, "220 mail.example");
        for (var inMail = false; await ReadLineAsync(stream) is { } line;)
        {
            _said.Append(CultureInfo.InvariantCulture, $"{(encrypted ? "🔒 " : "")}{line}\n");
            if (inMail)
            {
                inMail = line is not ".";
                await (inMail ? Task.CompletedTask : SayAsync(stream, "250 taken"));
                continue;
            }

            inMail = line is "DATA";
            await SayAsync(stream, AnswerTo(line, encrypted));
            if (line is "STARTTLS")
            {
                (stream, encrypted) = (await EncryptAsync(stream), true);
            }
        }
    }

    private string AnswerTo(string line, bool encrypted) => line.Split(' ')[0] switch
    {
        "EHLO" => string.Join("\r\n", [.. (_manner.Certificate is not null && !encrypted ? [.. _manner.Offers, "STARTTLS"] : _manner.Offers).Prepend("mail.example").Select(o => $"250-{o}"), "250 8BITMIME"]),
        "STARTTLS" => "220 go on" + _manner.SaidBeforeEncryption,
        "AUTH" when line is "AUTH LOGIN" => "334 VXNlcm5hbWU6",
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "RCPT" => _manner.AnswerToRecipient,
        "QUIT" => "221 bye",
        "MAIL" => "250 OK",
        // Name and password of AUTH LOGIN, which are words by themselves.
        _ => _asked++ == 0 ? "334 UGFzc3dvcmQ6" : "235 welcome",
    };

    private async Task<Stream> EncryptAsync(Stream stream)
    {
        var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsServerAsync(_manner.Certificate!);
        return encrypted;
    }

    private static async Task SayAsync(Stream stream, string line)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"));
        await stream.FlushAsync();
    }

    // Byte by byte: what follows may be encrypted, so nothing may be read ahead.
    private static async Task<string?> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one) == 1)
        {
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(one[0]);
        }

        return null;
    }

    /// <summary>How the server behaves.</summary>
    public sealed record Manner
    {
        public string AnswerToRecipient { get; init; } = "250 OK";

        /// <summary>With it, STARTTLS is offered, or the first byte is encrypted already.</summary>
        public X509Certificate2? Certificate { get; init; }

        public bool Implicit { get; init; }

        public IReadOnlyList<string> Offers { get; init; } = [];

        /// <summary>What someone on the way puts behind the answer to STARTTLS.</summary>
        public string SaidBeforeEncryption { get; init; } = "";
    }
}
