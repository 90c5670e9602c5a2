using System.Net.Http.Headers;
using System.Text.Json;

namespace DevOps.Tests.Fixtures;

/// <summary>Reads server-sent events as a client does.</summary>
public sealed class EventStreamReader(HttpResponseMessage response, StreamReader stream) : IDisposable
{
    /// <summary>Opens a stream.</summary>
    public static async Task<EventStreamReader> OpenAsync(HttpClient client, string url, long? lastEventId, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastEventId is { } id)
        {
            request.Headers.Add("Last-Event-ID", id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.Equal("text/event-stream", response.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType);
        return new EventStreamReader(response, new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)));
    }

    /// <summary>Reads until an event is as wished; that one is the last of the list.</summary>
    public async Task<List<StreamEvent>> ReadAsync(Func<StreamEvent, bool> until, CancellationToken cancellationToken)
    {
        var events = new List<StreamEvent>();
        long? id = null;
        string? name = null;
        JsonElement data = default;
        while (await stream.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0 && name is not null)
            {
                events.Add(new StreamEvent(id, name, data));
                if (until(events[^1]))
                {
                    return events;
                }

                name = null;
                continue;
            }

            switch (line.Split(": ", 2))
            {
                case ["id", var number]:
                    id = long.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
                    break;
                case ["event", var word]:
                    name = word;
                    break;
                case ["data", var json]:
                    data = JsonDocument.Parse(json).RootElement;
                    break;
            }
        }

        throw new EndOfStreamException($"The stream ended after {events.Count} events.");
    }

    /// <summary>Reads until the stream comes to its end.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => stream.ReadToEndAsync(cancellationToken);

    public void Dispose()
    {
        stream.Dispose();
        response.Dispose();
    }
}

/// <summary>One server-sent event.</summary>
public sealed record StreamEvent(long? Id, string Name, JsonElement Data)
{
    /// <summary>A text of the event's change.</summary>
    public string? Change(string property) => Data.GetProperty("change").TryGetProperty(property, out var value) ? value.GetString() : null;
}
