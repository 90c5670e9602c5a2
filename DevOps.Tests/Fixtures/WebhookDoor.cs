using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Core.Credentials;
using DevOps.Core.Environments;
using DevOps.Core.Projects;
using DevOps.Core.Servers;
using DevOps.Core.Webhooks;
using DevOps.Infrastructure.Persistence;
using DevOps.Infrastructure.Projects;
using DevOps.Infrastructure.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Fixtures;

/// <summary>A project with a webhook secret and environments that follow pushes, and a sender that signs as GitHub does.</summary>
public sealed class WebhookDoor : IDisposable
{
    private static int _number;
    private readonly ApiFixture _api;
    private readonly HttpClient _client;

    private WebhookDoor(ApiFixture api, Project project, string secret) => (_api, _client, Project, Secret) = (api, api.Anonymous(), project, secret);

    public Project Project { get; }

    public string Key => Project.Key;

    public string Secret { get; set; }

    /// <summary>Makes the project; each environment has a server of its own with a confirmed key.</summary>
    public static async Task<WebhookDoor> MakeAsync(ApiFixture api, TriggerSpec? triggers = null, params string[] environments)
    {
        var key = $"hook-{Interlocked.Increment(ref _number)}";
        var project = await api.Services.GetRequiredService<CreateProject>().RunAsync(
            Actor.Platform,
            new ProjectDraft { Key = key, Name = key, Repository = new RepositorySpec { Url = "https://git.example/shop.git" }, Deploy = new DeploySpec { Path = "/srv/{project}" }, Triggers = triggers ?? new TriggerSpec() },
            CancellationToken.None);
        await using var db = await api.Contexts.CreateDbContextAsync();
        var credential = new Credential { Name = key, Kind = CredentialKind.Password, Ciphertext = [] };
        db.Credentials.Add(credential);
        await db.SaveChangesAsync();
        foreach (var (name, position) in (environments.Length > 0 ? environments : ["dev"]).Select((e, i) => (e, i)))
        {
            db.Servers.Add(new Server { Name = $"{key}-{name}", Host = "127.0.0.1", User = "deploy", CredentialId = credential.Id, HostKey = "ssh-ed25519 AAAA", HostKeyFingerprint = "SHA256:x" });
            db.Environments.Add(new DeploymentEnvironment { ProjectId = project.Id, Name = name, Position = position + 1, Servers = [$"{key}-{name}"], AutoDeploy = true });
        }

        await db.SaveChangesAsync();
        var secret = await api.Services.GetRequiredService<CreateWebhookSecret>().RunAsync(Actor.Platform, key, CancellationToken.None);
        return new WebhookDoor(api, project, secret.Value.Reveal());
    }

    /// <summary>The body of a push as GitHub writes it.</summary>
    public static string Push(string reference = "refs/heads/main", string after = "2222222222222222222222222222222222222222", string message = "Change it", string path = "src/a.cs") => JsonSerializer.Serialize(new
    {
        @ref = reference,
        before = "1111111111111111111111111111111111111111",
        after,
        pusher = new { name = "lin" },
        commits = new[] { new { id = after, message, author = new { name = "Lin" }, added = Array.Empty<string>(), modified = new[] { path }, removed = Array.Empty<string>() } },
    });

    /// <summary>Sends a body as GitHub does.</summary>
    public Task<Answer> GitHubAsync(string body, string? id = null, string name = "push", string contentType = "application/json") => SendAsync(
        "github", body, contentType, ("X-GitHub-Event", name), ("X-GitHub-Delivery", id ?? Guid.NewGuid().ToString()), ("X-Hub-Signature-256", "sha256=" + Hmac(body)));

    /// <summary>Sends a body with headers.</summary>
    public Task<Answer> SendAsync(string provider, string body, string? contentType, params (string Name, string Value)[] headers) =>
        SendAsync($"/webhooks/{provider}/{Key}", Encoding.UTF8.GetBytes(body), contentType, headers);

    /// <summary>Sends bytes to an address.</summary>
    public async Task<Answer> SendAsync(string path, byte[] body, string? contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (contentType is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text, response.Headers.RetryAfter?.ToString(), response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>HMAC-SHA256 with the secret, in hexadecimal digits.</summary>
    public string Hmac(string body) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body)));

    /// <summary>What is kept, newest first.</summary>
    public async Task<List<Delivery>> KeptAsync()
    {
        await using var db = await _api.Contexts.CreateDbContextAsync();
        return await db.Deliveries.AsNoTracking().Where(d => d.ProjectId == Project.Id).OrderByDescending(d => d.Id).ToListAsync();
    }

    /// <summary>Changes the project's environment directly.</summary>
    public async Task ChangeAsync(Action<DevOpsDbContext> change)
    {
        await using var db = await _api.Contexts.CreateDbContextAsync();
        change(db);
        await db.SaveChangesAsync();
    }

    public void Dispose() => _client.Dispose();

    /// <summary>What the door said.</summary>
    public sealed record Answer(HttpStatusCode Status, string Text, string? RetryAfter, string? MediaType)
    {
        public JsonElement Body => JsonDocument.Parse(Text).RootElement;

        public IReadOnlyList<long> Deployments => Body.TryGetProperty("deployments", out var list) ? [.. list.EnumerateArray().Select(d => d.GetInt64())] : [];

        public string Why => Body.TryGetProperty("ignored", out var why) ? why.GetString()! : Body.GetProperty("detail").GetString()!;
    }
}
