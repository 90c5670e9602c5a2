using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DevOps.Tests.Fakes;

/// <summary>Four forges on one loopback port: OAuth with a secret, one-time codes and PKCE, and the addresses where each really tells of users and organisations.</summary>
internal sealed class FakeForge : IAsyncDisposable
{
    public const string ClientId = "devops-client";
    public const string ClientSecret = "devops-client-secret";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (string Challenge, string Redirect)> _codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> _tokens = new(StringComparer.Ordinal);

    private FakeForge(WebApplication app) => _app = app;

    /// <summary>Who sits before the forge.</summary>
    public Person Who { get; set; } = new(1, "nobody", []);

    /// <summary>Says no to the question whether the platform may know who it is.</summary>
    public bool Denies { get; set; }

    /// <summary>Answers nothing to the questions for user and organisations until it is let go.</summary>
    public TaskCompletionSource? Hangs { get; set; }

    /// <summary>Address without a slash at the end.</summary>
    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<FakeForge> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var forge = new FakeForge(builder.Build());
        forge.Map();
        await forge._app.StartAsync();
        return forge;
    }

    public async ValueTask DisposeAsync()
    {
        Hangs?.TrySetResult();
        await _app.DisposeAsync();
    }

    private void Map()
    {
        foreach (var (authorize, token) in new[] { ("/login/oauth/authorize", "/login/oauth/access_token"), ("/oauth/authorize", "/oauth/token") })
        {
            _app.MapGet("/{kind}" + authorize, Authorize);
            _app.MapPost("/{kind}" + token, TokenAsync);
        }

        Map("/github/api/v3/user", () => new JsonObject { ["id"] = Who.Id, ["login"] = Who.Login, ["name"] = Who.Name, ["email"] = Who.Email });
        MapPages("/github/api/v3/user/orgs", "per_page", o => new JsonObject { ["id"] = 7, ["login"] = o });
        Map("/gitlab/oauth/userinfo", () => new JsonObject
        {
            ["sub"] = Who.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["nickname"] = Who.Login,
            ["preferred_username"] = Who.Login,
            ["name"] = Who.Name,
            ["email"] = Who.Email,
            ["email_verified"] = false,
            ["groups"] = new JsonArray([.. Who.Organisations.Select(o => (JsonNode)o)]),
        });
        Map("/gitea/api/v1/user", () => new JsonObject { ["id"] = Who.Id, ["login"] = Who.Login, ["full_name"] = Who.Name, ["email"] = Who.Email });
        MapPages("/gitea/api/v1/user/orgs", "limit", o => new JsonObject { ["id"] = 7, ["name"] = o, ["username"] = o, ["full_name"] = "The " + o });
        Map("/gitee/api/v5/user", () => new JsonObject { ["id"] = Who.Id, ["login"] = Who.Login, ["name"] = Who.Name, ["email"] = Who.Email });
        MapPages("/gitee/api/v5/user/orgs", "per_page", o => new JsonObject { ["id"] = 7, ["login"] = o, ["name"] = "The " + o });
    }

    private void Map(string path, Func<JsonNode> answer) => _app.MapGet(path, async (HttpRequest request) =>
    {
        await (Hangs?.Task ?? Task.CompletedTask);
        return _tokens.ContainsKey(request.Headers.Authorization.ToString()) ? Results.Text(answer().ToJsonString(), "application/json") : Results.Unauthorized();
    });

    private void MapPages(string path, string size, Func<string, JsonNode> entry) => _app.MapGet(path, (HttpRequest request) =>
    {
        var count = int.Parse(request.Query[size]!, System.Globalization.CultureInfo.InvariantCulture);
        var page = int.Parse(request.Query["page"]!, System.Globalization.CultureInfo.InvariantCulture);
        var items = Who.Organisations.Skip((page - 1) * count).Take(count).Select(entry).ToArray();
        return _tokens.ContainsKey(request.Headers.Authorization.ToString()) ? Results.Text(new JsonArray(items).ToJsonString(), "application/json") : Results.Unauthorized();
    });

    private IResult Authorize(HttpRequest request)
    {
        string Of(string name) => request.Query[name].ToString();
        if (Of("client_id") is not ClientId || Of("response_type") is not "code" || Of("code_challenge_method") is not "S256" || Of("scope").Length == 0)
        {
            return Results.BadRequest();
        }

        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (Of("code_challenge"), Of("redirect_uri"));
        return Results.Redirect($"{Of("redirect_uri")}?state={Uri.EscapeDataString(Of("state"))}&{(Denies ? "error=access_denied" : "code=" + code)}");
    }

    private async Task<IResult> TokenAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        string Of(string name) => form[name].ToString();
        var challenge = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes(Of("code_verifier")))).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        if (!_codes.TryRemove(Of("code"), out var code) || Of("client_id") is not ClientId || Of("client_secret") is not ClientSecret
            || !string.Equals(code.Challenge, challenge, StringComparison.Ordinal) || !string.Equals(code.Redirect, Of("redirect_uri"), StringComparison.Ordinal))
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
        }

        var token = Guid.NewGuid().ToString("N");
        _tokens["Bearer " + token] = 0;
        return Results.Json(new { access_token = token, token_type = "bearer" });
    }

    /// <summary>A person as the forge knows it.</summary>
    public sealed record Person(long Id, string Login, IReadOnlyList<string> Organisations, string Name = "", string? Email = null);
}
