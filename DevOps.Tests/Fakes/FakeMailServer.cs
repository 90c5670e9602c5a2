using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DevOps.Tests.Fakes;

/// <summary>A mail server on a free loopback port that takes one mail.</summary>
public sealed class FakeMailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task<string> _conversation;

    public FakeMailServer(string answerToRecipient = "250 OK")
    {
        _listener.Start();
        _conversation = TalkAsync(answerToRecipient);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Everything the sender said, once it has hung up.</summary>
    public Task<string> Conversation => _conversation.WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await ((Task)_conversation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<string> TalkAsync(string answerToRecipient)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        await using var writer = new StreamWriter(client.GetStream(), new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        var said = new StringBuilder();
        await writer.WriteLineAsync("220 mail.example");
        var inMail = false;
        while (await reader.ReadLineAsync() is { } line)
        {
            said.Append(CultureInfo.InvariantCulture, $"{line}\n");
            if (inMail)
            {
                inMail = line is not ".";
                await (inMail ? Task.CompletedTask : writer.WriteLineAsync("250 taken"));
                continue;
            }

            inMail = line.StartsWith("DATA", StringComparison.Ordinal);
            await writer.WriteLineAsync(line[..4] switch
            {
                "DATA" => "354 go on",
                "RCPT" => answerToRecipient,
                "QUIT" => "221 bye",
                _ => "250 OK",
            });
        }

        return said.ToString();
    }
}
