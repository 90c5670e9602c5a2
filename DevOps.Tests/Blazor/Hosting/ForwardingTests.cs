using System.Net;
using System.Net.Http.Json;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Tests.Blazor.Hosting;

/// <summary>A platform that trusts a proxy on loopback with TLS in front.</summary>
public sealed class ProxiedApi : ApiFixture
{
    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Proxy:Trusted:0"] = "127.0.0.0/8",
        ["Proxy:Tls"] = "true",
        ["https_port"] = "443",
    };
}

public sealed class ForwardingTests(ProxiedApi proxied, ApiFixture direct) : IClassFixture<ProxiedApi>, IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Trusted_proxy_speaks_for_the_client()
    {
        Assert.Equal("192.0.2.44", await AuditedAddressAsync(proxied));
    }

    [Fact]
    public async Task Headers_of_a_stranger_are_not_believed()
    {
        Assert.Equal("127.0.0.1", await AuditedAddressAsync(direct));
    }

    [Fact]
    public async Task Plain_request_is_sent_to_https_where_tls_is_in_front()
    {
        using var client = proxied.Anonymous();
        using var answer = await client.GetAsync(new Uri("/login", UriKind.Relative));
        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        Assert.Equal("https", answer.Headers.Location!.Scheme);
    }

    [Fact]
    public async Task Cookies_are_for_https_only_behind_tls_and_browsers_are_told_to_stay_there()
    {
        using var client = Secure(proxied.Anonymous());
        client.DefaultRequestHeaders.Add("X-Forwarded-Host", "deploy.example.org");
        using var answer = await client.GetAsync(new Uri("/login", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("max-age", Assert.Single(answer.Headers.GetValues("Strict-Transport-Security")), StringComparison.Ordinal);
        Assert.Contains("wss://deploy.example.org", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_of_the_client_adds_no_words_to_the_policy()
    {
        using var client = Secure(proxied.Anonymous());
        client.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-Host", "evil; script-src *");
        using var answer = await client.GetAsync(new Uri("/login", UriKind.Relative));
        Assert.DoesNotContain("script-src *", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_tls_in_front_nothing_is_redirected()
    {
        using var client = direct.Anonymous();
        using var answer = await client.GetAsync(new Uri("/login", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    private static async Task<string?> AuditedAddressAsync(ApiFixture api)
    {
        await api.MakeUserAsync("ida", Role.Viewer);
        using var client = Secure(api.Anonymous());
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.44");
        using var answer = await client.PostAsJsonAsync("/api/v1/auth/token", new { username = "ida", password = ApiFixture.Password });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var db = await api.Contexts.CreateDbContextAsync();
        return (await db.AuditEntries.SingleAsync(a => a.Action == "session.create")).Ip;
    }

    private static HttpClient Secure(HttpClient client)
    {
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        return client;
    }
}
