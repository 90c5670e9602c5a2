using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Ssh;
using DevOps.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.EndToEnd;

/// <summary>The application with nothing faked: container engine, sshd, git, PostgreSQL and browser are real. Set up over HTTP, driven by the pages.</summary>
public sealed class RealPlatform : BrowserFixture, IAsyncLifetime
{
    private readonly DockerFixture _docker = new();

    /// <summary>Makes images.</summary>
    public DockerFixture Docker => _docker;

    /// <summary>Servers to deploy to.</summary>
    public SshServerFixture Ssh { get; } = new();

    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["DEVOPS_ROLES"] = "web,worker",
        ["DEVOPS_ALLOW_FILE_REPOSITORIES"] = "true",
    };

    async Task IAsyncLifetime.InitializeAsync()
    {
        await _docker.InitializeAsync();
        await Ssh.InitializeAsync();
        SuiteFramework.AtEnd(Ssh.DisposeAsync);
        await InitializeAsync();
    }


    /// <summary>Puts a thing to the HTTP interface as an administrator.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var client = await AsAsync(Role.Admin);
        using var request = new HttpRequestMessage(method, "/api/v1/" + path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Adds a server with its host key confirmed.</summary>
    public async Task AddServerAsync(string name, TestSshServer server)
    {
        await SendAsync(HttpMethod.Post, "credentials", new { name = "key-" + name, kind = "sshKey", value = Ssh.UserKey });
        await SendAsync(HttpMethod.Post, "servers", new { name, host = "127.0.0.1", port = server.Port, user = Environment.UserName, credential = "key-" + name });
        var scanned = await SendAsync(HttpMethod.Get, $"servers/{name}/host-key");
        await SendAsync(HttpMethod.Post, $"servers/{name}/host-key", new { fingerprint = scanned.GetProperty("fingerprint").GetString() });
    }

    /// <summary>Waits for the end of a deployment by following its event stream.</summary>
    public async Task<JsonElement> EndedAsync(long id)
    {
        using var client = await AsAsync(Role.Admin);
        client.Timeout = TimeSpan.FromMinutes(15);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/deployments/{id}/log");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        using var limit = new CancellationTokenSource(client.Timeout);
        while (await reader.ReadLineAsync(limit.Token) is { } line && !string.Equals(line, "event: end", StringComparison.Ordinal))
        {
            // Everything before the end is the log itself.
        }

        return await SendAsync(HttpMethod.Get, $"deployments/{id}");
    }

    /// <summary>The whole log as text.</summary>
    public async Task<string> LogAsync(long id)
    {
        using var client = await AsAsync(Role.Admin);
        return await client.GetStringAsync($"/api/v1/deployments/{id}/log");
    }

    protected override void Replace(IServiceCollection services)
    {
        services.AddSingleton<IRemoteHosts>(provider => provider.GetRequiredService<SshConnections>());
        services.AddSingleton<IContainerEngine>(_docker.Engine);
    }
}

/// <summary>Tests on real parts take turns: each of them wants both processors.</summary>
[CollectionDefinition(Name)]
public sealed class RealPlatformCollection : ICollectionFixture<RealPlatform>
{
    public const string Name = "Real platform";
}
