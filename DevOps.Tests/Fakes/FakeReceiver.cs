using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace DevOps.Tests.Fakes;

/// <summary>A receiver of messages on a free loopback port, which answers as scripted: with a status, a redirect, never, or by closing.</summary>
public sealed class FakeReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string?> _script = new();
    private readonly Channel<ReceivedMessage> _received = Channel.CreateUnbounded<ReceivedMessage>();
    private readonly Task _serving;

    public FakeReceiver()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/hook");

    /// <summary>What is answered when nothing is scripted.</summary>
    public string Otherwise { get; set; } = Answer("200 OK", """{"errcode":0,"code":0}""");

    /// <summary>Scripts the next answer: a status line and a body.</summary>
    public void Then(string status, string body = "", string headers = "") => _script.Enqueue(Answer(status, body, headers));

    /// <summary>Scripts that the connection is closed without a word.</summary>
    public void ThenClose() => _script.Enqueue("");

    /// <summary>Scripts that nothing is answered until the end of the test.</summary>
    public void ThenSilence() => _script.Enqueue(null);

    /// <summary>The next message, as soon as there is one.</summary>
    public async Task<ReceivedMessage> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _received.Reader.ReadAsync(limit.Token);
    }

    /// <summary>Whether messages lie there that nobody has taken.</summary>
    public bool HasMore => _received.Reader.TryPeek(out _);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private static string Answer(string status, string body, string headers = "") =>
        $"HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body).ToString(CultureInfo.InvariantCulture)}\r\n\r\n{body}";

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
                var target = (await reader.ReadLineAsync(_stop.Token))!.Split(' ')[1];
                var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
                {
                    var parts = line.Split(": ", 2);
                    headers[parts[0]] = parts[1];
                }

                _received.Writer.TryWrite(new ReceivedMessage(target, headers, await BodyAsync(reader, headers)));
                if ((_script.TryDequeue(out var scripted) ? scripted : Otherwise) is not { } answer)
                {
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                    return;
                }

                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The sender lost its patience, or the test is over.
            }
        }
    }

    private async Task<string> BodyAsync(StreamReader reader, Dictionary<string, string> headers)
    {
        var length = int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture);
        var body = new StringBuilder();
        var buffer = new char[1];
        while (Encoding.UTF8.GetByteCount(body.ToString()) < length && await reader.ReadAsync(buffer.AsMemory(), _stop.Token) > 0)
        {
            body.Append(buffer[0]);
        }

        return body.ToString();
    }
}

/// <summary>What a receiver got.</summary>
public sealed record ReceivedMessage(string Target, IReadOnlyDictionary<string, string> Headers, string Body);
