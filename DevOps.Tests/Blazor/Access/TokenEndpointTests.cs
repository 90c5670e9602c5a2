using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Blazor.Access;

public sealed class TokenEndpointTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly Uri Tokens = new("/api/v1/auth/token", UriKind.Relative);

    [Fact]
    public async Task Right_password_gives_a_token_that_works()
    {
        await api.MakeUserAsync("ana", Role.Maintainer);
        using var client = api.Anonymous();
        using var answer = await AskAsync(client, "ana", ApiFixture.Password);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        var token = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("Bearer", token.GetProperty("tokenType").GetString());
        Assert.Equal("maintainer", Assert.Single(token.GetProperty("roles").EnumerateArray()).GetString());
        Assert.EndsWith("Z", token.GetProperty("expiresAt").GetString(), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        using var me = api.WithToken(token.GetProperty("accessToken").GetString()!);
        var who = await me.GetFromJsonAsync<JsonElement>("/api/v1/me");
        Assert.Equal("ana", who.GetProperty("username").GetString());
        Assert.Contains(who.GetProperty("permissions").EnumerateArray(), p => p.ValueEquals("projectEdit"));
        Assert.DoesNotContain(who.GetProperty("permissions").EnumerateArray(), p => p.ValueEquals("userEdit"));
    }

    [Theory]
    [InlineData("bea", "wrong password")]
    [InlineData("nobody-at-all", "wrong password")]
    [InlineData("bea", "")]
    [InlineData("", "wrong password")]
    public async Task Wrong_name_or_password_is_refused_alike(string user, string password)
    {
        await api.TokenAsync("bea", Role.Viewer);
        using var client = api.Anonymous();
        using var answer = await AskAsync(client, user, password);
        var problem = await Api.ContractTests.AssertProblemAsync(answer, user.Length == 0 || password.Length == 0 ? HttpStatusCode.BadRequest : HttpStatusCode.Unauthorized);
        Assert.DoesNotContain(user.Length == 0 ? "nobody" : user, problem.GetProperty("detail").GetString()!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cleo", true)]
    [InlineData("no-such-person", false)]
    public async Task Five_failures_lock_the_name_and_say_how_long(string user, bool exists)
    {
        if (exists)
        {
            await api.MakeUserAsync(user, Role.Viewer);
        }

        using var client = api.Anonymous();
        for (var i = 1; i <= 4; i++)
        {
            using var wrong = await AskAsync(client, user, "wrong password");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        foreach (var password in new[] { "wrong password", ApiFixture.Password })
        {
            using var locked = await AskAsync(client, user, password);
            await Api.ContractTests.AssertProblemAsync(locked, HttpStatusCode.TooManyRequests);
            var wait = int.Parse(Assert.Single(locked.Headers.GetValues("Retry-After")), CultureInfo.InvariantCulture);
            Assert.InRange(wait, 200, 300);
        }
    }

    [Fact]
    public async Task Success_forgets_the_failures_before_it()
    {
        await api.MakeUserAsync("dora", Role.Viewer);
        using var client = api.Anonymous();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 2; i++)
            {
                using var wrong = await AskAsync(client, "dora", "wrong password");
                Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
            }

            using var right = await AskAsync(client, "dora", ApiFixture.Password);
            Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIxIn0.")]
    public async Task Made_up_token_is_refused(string token)
    {
        using var client = api.Anonymous();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var answer = await client.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        await Api.ContractTests.AssertProblemAsync(answer, HttpStatusCode.Unauthorized);
        Assert.Contains("Bearer", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_changed_by_one_letter_is_refused()
    {
        var token = await api.TokenAsync("flo", Role.Admin);
        var parts = token.Split('.');
        var payload = parts[1][..10] + (parts[1][10] == 'A' ? 'B' : 'A') + parts[1][11..];
        using var client = api.WithToken($"{parts[0]}.{payload}.{parts[2]}");
        using var answer = await client.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, string username, string password) =>
        client.PostAsJsonAsync(Tokens, new { username, password });
}
