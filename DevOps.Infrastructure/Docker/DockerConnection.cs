using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Refusals;

namespace DevOps.Infrastructure.Docker;

/// <summary>Speaks HTTP with one engine: over its socket or TCP, in the newest version of its interface that both sides know.
/// Every call has a limit; an engine that is away or silent is <see cref="EngineUnavailable"/>, one that says no is <see cref="EngineRefusal"/>.</summary>
public sealed class DockerConnection(DockerOptions options, TimeProvider time) : IDisposable
{
    private static readonly Version Oldest = new(1, 41);
    private static readonly Version Newest = new(1, 51);
    private static readonly JsonSerializerOptions Names = new() { PropertyNameCaseInsensitive = true };
    private static readonly TimeSpan VersionLimit = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private HttpClient? _client;
    private DockerEndpoint? _endpoint;
    private Version? _speaks;

    /// <summary>Asks the engine who it is, and settles the version that is spoken from here on.</summary>
    public async Task<EngineInfo> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await ExchangeAsync(new EngineCall(HttpMethod.Get, "/version") { Limit = VersionLimit }, "version", cancellationToken);
            var version = await ReadAsync<EngineVersion>(answer, cancellationToken);
            _speaks = Agree(version);
            return new EngineInfo(version.Version, _speaks.ToString(), $"{version.Os}/{version.Arch}");
        }
        catch (EngineRefusal refusal)
        {
            throw new EngineUnavailable($"{Name} does not answer like a container engine: {refusal.Message}", refusal);
        }
    }

    /// <summary>Sends a call and reads the whole answer as JSON.</summary>
    public async Task<T> AskAsync<T>(EngineCall call, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(call, cancellationToken);
        return await ReadAsync<T>(answer, cancellationToken);
    }

    /// <summary>Sends a call for its effect.</summary>
    public async Task TellAsync(EngineCall call, CancellationToken cancellationToken) => (await SendAsync(call, cancellationToken)).Dispose();

    /// <summary>Sends a call; the caller disposes of the answer.</summary>
    public async Task<HttpResponseMessage> SendAsync(EngineCall call, CancellationToken cancellationToken)
    {
        if (_speaks is null)
        {
            await OpenAsync(cancellationToken);
        }

        return await ExchangeAsync(call, $"v{_speaks}{call.Path}", cancellationToken);
    }

    /// <summary>Sends a call and opens the body of its answer; a pause longer than <paramref name="stall"/> in it counts as an engine that broke off.</summary>
    public async Task<EngineStream> OpenStreamAsync(EngineCall call, TimeSpan stall, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(call with { Streams = true }, cancellationToken);
        return new EngineStream(answer, await answer.Content.ReadAsStreamAsync(cancellationToken), stall, time, BrokenOff);
    }

    /// <summary>Makes JSON the body of a call.</summary>
    public static HttpContent Json<T>(T value) => JsonContent.Create(value, options: Names);

    /// <inheritdoc/>
    public void Dispose() => _client?.Dispose();

    private string Name => _endpoint?.Name ?? options.Host;

    private async Task<HttpResponseMessage> ExchangeAsync(EngineCall call, string path, CancellationToken cancellationToken)
    {
        var client = GetClient();
        using var request = new HttpRequestMessage(call.Method, path) { Content = call.Body };
        using var timer = new CancellationTokenSource(call.Limit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        HttpResponseMessage answer;
        try
        {
            var until = call.Streams ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead;
            answer = await client.SendAsync(request, until, limit.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EngineUnavailable($"The container engine at {Name} did not answer within {call.Limit.TotalSeconds:0} s.", e);
        }
        catch (HttpRequestException e)
        {
            throw BrokenOff(e);
        }

        return answer.IsSuccessStatusCode || answer.StatusCode is HttpStatusCode.NotModified ? answer : throw await RefuseAsync(answer, limit.Token);
    }

    private EngineUnavailable BrokenOff(Exception e)
    {
        // The engine may come back as a newer one that no longer speaks what was agreed on.
        _speaks = null;
        var why = (e.InnerException as SocketException ?? e.InnerException?.InnerException as SocketException)?.SocketErrorCode switch
        {
            SocketError.AccessDenied => Sentence.Of("this user may not open it; add the user to the group docker, or set DOCKER_HOST"),
            SocketError.ConnectionRefused or SocketError.AddressNotAvailable => "nothing listens there; start the engine, or set DOCKER_HOST",
            _ => Sentence.Verbatim(e.Message.TrimEnd('.')),
        };
        return new EngineUnavailable($"The container engine at {Name} does not answer or broke off: {why}.", e);
    }

    private Version Agree(EngineVersion engine)
    {
        if (!Version.TryParse(engine.ApiVersion, out var highest) || highest < Oldest)
        {
            throw new EngineUnavailable($"The container engine at {Name} speaks version {engine.ApiVersion} of the interface; {Oldest} (Docker 20.10) or later is needed.");
        }

        var lowest = Version.TryParse(engine.MinAPIVersion, out var least) ? least : Oldest;
        return lowest > Newest ? lowest : highest < Newest ? highest : Newest;
    }

    private static async Task<EngineRefusal> RefuseAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using (answer)
        {
            var text = await ReadTextAsync(answer, cancellationToken);
            return new EngineRefusal(answer.StatusCode, text.Length > 0 ? text : $"HTTP {(int)answer.StatusCode}");
        }
    }

    private static async Task<string> ReadTextAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        const int MostCharacters = 4096;
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(text);
            text = json.RootElement.ValueKind is JsonValueKind.Object && json.RootElement.TryGetProperty("message", out var message) ? message.ToString() : text;
        }
        catch (JsonException)
        {
            // Whatever stands between us and the engine answered in words of its own.
        }

        return text.Length > MostCharacters ? text[..MostCharacters] : text.Trim();
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync<T>(Names, cancellationToken) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            throw new EngineUnavailable($"The container engine at {Name} gave an answer that cannot be read: {e.Message}", e);
        }
    }

    private HttpClient GetClient()
    {
        lock (_gate)
        {
            _endpoint ??= DockerEndpoint.Read(options);
            return _client ??= new HttpClient(_endpoint.CreateHandler(options)) { BaseAddress = _endpoint.Address, Timeout = Timeout.InfiniteTimeSpan };
        }
    }
}
