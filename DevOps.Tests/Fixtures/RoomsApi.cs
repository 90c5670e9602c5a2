using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Pipeline.Ports;
using DevOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Fixtures;

/// <summary>The application with servers, git and artifacts in memory.</summary>
public sealed class RoomsApi : ApiFixture
{
    public FakeRemoteHosts Hosts { get; } = new();

    public FakeSourceRepository Source { get; } = new();

    public FakeArtifactStore Artifacts { get; } = new();

    /// <summary>Settings of this application, by configuration key.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    protected override IReadOnlyDictionary<string, string> Settings => More;

    /// <summary>Sends JSON as someone with a role and expects a status.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, string? json, HttpStatusCode expected, Role role = Role.Admin, string? ifMatch = null) =>
        await SendAsync(await TokenAsync(role), method, path, json, expected, ifMatch);

    /// <summary>Sends JSON with a token and expects a status.</summary>
    public async Task<Answer> SendAsync(string token, HttpMethod method, string path, string? json, HttpStatusCode expected, string? ifMatch = null)
    {
        using var client = WithToken(token);
        using var request = new HttpRequestMessage(method, "/api/v1" + path);
        if (json is not null)
        {
            request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{method} {path}: {(int)response.StatusCode}, not {(int)expected}: {text}");
        if ((int)expected >= 400)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }

        var body = text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
        return new Answer(body, response.Headers.ETag?.Tag, response.Headers.Location?.OriginalString);
    }

    protected override void Replace(IServiceCollection services)
    {
        services.AddSingleton<IRemoteHosts>(Hosts);
        services.AddSingleton<ISourceRepository>(Source);
        services.AddSingleton<IArtifactStore>(Artifacts);
    }

    /// <summary>What came back.</summary>
    public sealed record Answer(JsonElement Body, string? Tag, string? Location)
    {
        public JsonElement this[string name] => Body.GetProperty(name);

        public string? Text(string name) => Body.GetProperty(name).GetString();

        /// <summary>Names of the fields a 400 complains of.</summary>
        public IReadOnlyList<string> Faults => [.. Body.GetProperty("errors").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)];
    }
}
