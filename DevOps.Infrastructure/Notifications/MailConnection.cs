using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DevOps.Infrastructure.Notifications;

/// <summary>What a mail server answered.</summary>
/// <param name="Code">Three digits; from 400 on a no.</param>
/// <param name="Text">What stood behind them, line by line.</param>
internal sealed record MailReply(int Code, IReadOnlyList<string> Text);

/// <summary>A mail server that said no, or something that no mail server says.</summary>
internal sealed class MailRefused(int code, string text) : Exception(text)
{
    /// <summary>The server's code; 0 when it is our own no.</summary>
    public int Code => code;
}

/// <summary>A conversation with a mail server (RFC 5321): encrypted from its first byte or from STARTTLS on (RFC 3207), so that .NET's own client, which
/// knows the second way only, is not needed. One caller at a time.</summary>
internal sealed class MailConnection : IAsyncDisposable
{
    private const int LongestReply = 64 * 1024;
    private readonly TcpClient _client = new();
    private readonly byte[] _buffer = new byte[4096];
    private Stream _stream = Stream.Null;
    private int _next;
    private int _filled;

    private MailConnection()
    {
    }

    /// <summary>What the server offers, in capitals, by the first word.</summary>
    public IReadOnlyDictionary<string, string> Offers { get; private set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Connects, encrypts where the options ask for it, and greets.</summary>
    /// <exception cref="MailRefused">The server does not want us, or offers no encryption.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="SocketException">There is no way to the server.</exception>
    /// <exception cref="AuthenticationException">Its certificate is not trusted.</exception>
    public static async Task<MailConnection> OpenAsync(MailOptions options, CancellationToken cancellationToken)
    {
        var connection = new MailConnection();
        try
        {
            await connection._client.ConnectAsync(options.Host, options.Port, cancellationToken);
            connection._stream = connection._client.GetStream();
            if (options.IsEncryptedFromTheStart)
            {
                await connection.EncryptAsync(options, cancellationToken);
            }

            Demand(await connection.ReadAsync(cancellationToken), 220);
            await connection.GreetAsync(cancellationToken);
            if (options is { Tls: true, IsEncryptedFromTheStart: false })
            {
                await connection.StartTlsAsync(options, cancellationToken);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says a line and demands an answer.</summary>
    /// <param name="line">Without its end; must hold no line break.</param>
    /// <param name="expected">The code of a yes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MailRefused">The server said no.</exception>
    public async Task<MailReply> SayAsync(string line, int expected, CancellationToken cancellationToken)
    {
        if (line.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            throw new MailRefused(0, "a line break where none may be");
        }

        await _stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), cancellationToken);
        await _stream.FlushAsync(cancellationToken);
        return Demand(await ReadAsync(cancellationToken), expected);
    }

    /// <summary>Sends a mail after the server has agreed to take it. No line of it begins with a dot.</summary>
    /// <exception cref="MailRefused">The server does not take it after all.</exception>
    public async Task SendAsync(string mail, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(mail), cancellationToken);
        await SayAsync(".", 250, cancellationToken);

        // It is taken; how the conversation ends changes nothing any more.
        await _stream.WriteAsync("QUIT\r\n"u8.ToArray(), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _client.Dispose();
    }

    private static MailReply Demand(MailReply reply, int expected) =>
        reply.Code == expected ? reply : throw new MailRefused(reply.Code, $"{reply.Code.ToString(CultureInfo.InvariantCulture)} {string.Join(' ', reply.Text)}");

    private async Task GreetAsync(CancellationToken cancellationToken)
    {
        var reply = await SayAsync($"EHLO {Name()}", 250, cancellationToken);
        Offers = reply.Text.Skip(1).Select(l => l.Split(' ', 2)).GroupBy(w => w[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => g.First().ElementAtOrDefault(1) ?? "", StringComparer.OrdinalIgnoreCase);
    }

    private async Task StartTlsAsync(MailOptions options, CancellationToken cancellationToken)
    {
        if (!Offers.ContainsKey("STARTTLS"))
        {
            throw new MailRefused(0, "The mail server offers no encryption. Set Mail:Tls to false only where nobody can listen.");
        }

        await SayAsync("STARTTLS", 220, cancellationToken);

        // Whatever came with the answer was said in the clear, by anyone on the way.
        if (_next < _filled)
        {
            throw new MailRefused(0, "The mail server spoke on before the encryption began.");
        }

        await EncryptAsync(options, cancellationToken);
        await GreetAsync(cancellationToken);
    }

    private async Task EncryptAsync(MailOptions options, CancellationToken cancellationToken)
    {
        var encrypted = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = encrypted;
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = options.Host, CertificateChainPolicy = Trusted(options.CaFile) }, cancellationToken);
    }

    private static X509ChainPolicy? Trusted(string caFile)
    {
        if (caFile.Length == 0)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return policy;
    }

    // What a server wants to hear is a name; an address stands in brackets.
    private static string Name() => System.Net.Dns.GetHostName() is { Length: > 0 } name && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') ? name : "[127.0.0.1]";

    private async Task<MailReply> ReadAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        for (var length = 0; length < LongestReply;)
        {
            var line = await ReadLineAsync(cancellationToken);
            length += line.Length + 2;
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || (line.Length > 3 && line[3] is not (' ' or '-')))
            {
                throw new MailRefused(0, "This is no mail server: its answer has another form.");
            }

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] == ' ')
            {
                return new MailReply(code, lines);
            }
        }

        throw new MailRefused(0, "The mail server's answer has no end.");
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        while (line.Count < LongestReply)
        {
            if (_next == _filled)
            {
                (_next, _filled) = (0, await _stream.ReadAsync(_buffer, cancellationToken));
                if (_filled == 0)
                {
                    throw new IOException("The mail server hung up.");
                }
            }

            var one = _buffer[_next++];
            if (one == '\n')
            {
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
            }

            line.Add(one);
        }

        throw new MailRefused(0, "The mail server's answer has no end.");
    }
}
