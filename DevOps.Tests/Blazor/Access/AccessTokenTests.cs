using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DevOps.Blazor.Access;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using static DevOps.Tests.Blazor.Api.ContractTests;

namespace DevOps.Tests.Blazor.Access;

/// <summary>What makes an access token good, one property after the other, and the change of its key.</summary>
public sealed class AccessTokenTests(AccessTokenTests.App api) : IClassFixture<AccessTokenTests.App>
{
    private static readonly Uri Me = new("/api/v1/me", UriKind.Relative);
    private static readonly Uri Keys = new("/api/v1/signing-keys", UriKind.Relative);

    [Fact]
    public async Task Token_as_it_should_be_lets_in() => Assert.Equal(HttpStatusCode.OK, await TryAsync(await DescribeAsync("right")));

    [Theory]
    [InlineData("issuer")]
    [InlineData("audience")]
    [InlineData("expired")]
    [InlineData("not yet")]
    [InlineData("endless")]
    [InlineData("type")]
    [InlineData("longer algorithm")]
    [InlineData("other key")]
    [InlineData("unknown kid")]
    [InlineData("path as kid")]
    [InlineData("public key as secret")]
    public async Task Token_with_one_thing_wrong_is_refused(string wrong)
    {
        var token = await DescribeAsync("faulty");
        using var rsa = RSA.Create(2048);
        var key = (SymmetricSecurityKey)token.SigningCredentials.Key;
        switch (wrong)
        {
            case "issuer": token.Issuer = "somebody"; break;
            case "audience": token.Audience = "somebody"; break;
            case "expired": Live(token, TimeSpan.FromHours(-2), TimeSpan.FromMinutes(-1)); break;
            case "not yet": Live(token, TimeSpan.FromMinutes(2), TimeSpan.FromHours(1)); break;
            case "endless": token.Expires = null; break;
            case "type": token.TokenType = "at+jwt"; break;
            case "longer algorithm": token.SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha512); break;
            case "other key": token.SigningCredentials = Signing(RandomNumberGenerator.GetBytes(64), key.KeyId); break;
            case "unknown kid": token.SigningCredentials = Signing(key.Key, "0123456789abcdef"); break;
            case "path as kid": token.SigningCredentials = Signing([], "../../../../dev/null"); break;
            default: token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = key.KeyId }, SecurityAlgorithms.RsaSha256); break;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(token));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    public async Task Token_without_a_signature_is_refused(string algorithm)
    {
        var signed = Create(await DescribeAsync("unsigned"));
        var header = Base64UrlEncoder.Encode(JsonSerializer.Serialize(new { alg = algorithm, typ = "JWT" }));
        var payload = signed.Split('.')[1];
        foreach (var token in new[] { $"{header}.{payload}.", $"{header}.{payload}.{signed.Split('.')[2]}", $"{header}.{payload}" })
        {
            using var client = api.WithToken(token);
            using var answer = await client.GetAsync(Me);
            await AssertProblemAsync(answer, HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task New_key_signs_from_now_on_and_the_old_one_still_verifies()
    {
        await api.MakeUserAsync("rita", Role.Viewer);
        var before = await api.IssueAsync("rita");
        using var admin = await api.AsAsync(Role.Admin);
        using var rotated = await admin.PostAsync(Keys, null);
        Assert.Equal(HttpStatusCode.Created, rotated.StatusCode);
        var after = await api.IssueAsync("rita");
        Assert.NotEqual(KidOf(before), KidOf(after));
        Assert.Equal(KidOf(after), (await admin.GetFromJsonAsync<JsonElement>(rotated.Headers.Location)).GetProperty("kid").GetString());
        foreach (var token in new[] { before, after })
        {
            using var client = api.WithToken(token);
            using var answer = await client.GetAsync(Me);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var list = (await admin.GetFromJsonAsync<JsonElement>(Keys)).GetProperty("items").EnumerateArray().ToList();
        Assert.Single(list, k => k.GetProperty("retiredAt").ValueKind == JsonValueKind.Null);
        Assert.Equal(["createdAt", "kid", "retiredAt", "verifiesUntil"], list[0].EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.True(await db.AuditEntries.AnyAsync(a => a.Action == "signingKey.rotate" && a.Actor == "admin"));
    }

    [Fact]
    public async Task Key_made_by_another_process_is_known_at_its_first_token()
    {
        await api.TokenAsync("sue", Role.Viewer);
        var vault = api.Services.GetRequiredService<DevOps.Infrastructure.Secrets.SecretVault>();
        var options = api.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<AccessOptions>>();
        var there = new SigningKeys(api.Contexts, vault, options, TimeProvider.System);
        await using (var db = await api.Contexts.CreateDbContextAsync())
        {
            await db.SigningKeys.Where(k => k.RetiredAt == null).ExecuteUpdateAsync(s => s.SetProperty(k => k.RetiredAt, DateTimeOffset.UtcNow));
        }

        // What this process remembers is older than a moment, as it is in life.
        api.Time.Skip(TimeSpan.FromSeconds(1.1));
        var account = await AccountAsync("sue");
        var token = (await new AccessTokens(there, options, TimeProvider.System).IssueAsync(account, CancellationToken.None)).Text;
        using var client = api.WithToken(token);
        using var answer = await client.GetAsync(Me);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<Account> AccountAsync(string user)
    {
        await using var db = await api.Contexts.CreateDbContextAsync();
        return await db.Users.SingleAsync(a => a.UserName == user);
    }

    private async Task<SecurityTokenDescriptor> DescribeAsync(string user)
    {
        await api.TokenAsync(user, Role.Viewer);
        var key = await api.Services.GetRequiredService<SigningKeys>().CurrentAsync(CancellationToken.None);
        var token = new SecurityTokenDescriptor
        {
            Issuer = AccessTokens.Issuer,
            Audience = AccessTokens.Issuer,
            Subject = new ClaimsIdentity(AccountClaims.Of(await AccountAsync(user))),
            SigningCredentials = Signing(key.Bytes, key.Kid),
        };
        Live(token, TimeSpan.FromMinutes(-1), TimeSpan.FromHours(1));
        return token;
    }

    private async Task<HttpStatusCode> TryAsync(SecurityTokenDescriptor token)
    {
        using var client = api.WithToken(Create(token));
        using var answer = await client.GetAsync(Me);
        return answer.StatusCode;
    }

    private static void Live(SecurityTokenDescriptor token, TimeSpan from, TimeSpan until)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        (token.IssuedAt, token.NotBefore, token.Expires) = (now + from, now + from, now + until);
    }

    private static string Create(SecurityTokenDescriptor token) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);

    private static string KidOf(string token) => new JsonWebTokenHandler().ReadJsonWebToken(token).Kid;

    private static SigningCredentials Signing(byte[] key, string kid) =>
        new(new SymmetricSecurityKey(key.Length == 0 ? Encoding.ASCII.GetBytes(new string('\0', 64)) : key) { KeyId = kid }, SecurityAlgorithms.HmacSha256);

    /// <summary>The application with a clock that can be put forward.</summary>
    public sealed class App : ApiFixture
    {
        public SkippingTime Time { get; } = new();

        protected override void Replace(IServiceCollection services) => services.AddSingleton<TimeProvider>(Time);
    }
}
