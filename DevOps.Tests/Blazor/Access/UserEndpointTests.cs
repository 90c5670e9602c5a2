using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using static DevOps.Tests.Blazor.Api.ContractTests;

namespace DevOps.Tests.Blazor.Access;

public sealed class UserEndpointTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly Uri Users = new("/api/v1/users", UriKind.Relative);

    public static TheoryData<Role, string, string> NotAllowed()
    {
        var data = new TheoryData<Role, string, string>();
        foreach (var role in new[] { Role.None, Role.Viewer, Role.Deployer, Role.Maintainer })
        {
            data.Add(role, "GET", "/api/v1/users");
            data.Add(role, "POST", "/api/v1/users");
            data.Add(role, "GET", "/api/v1/users/admin");
            data.Add(role, "PUT", "/api/v1/users/admin");
            data.Add(role, "DELETE", "/api/v1/users/admin");
            data.Add(role, "DELETE", "/api/v1/users/nobody");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(NotAllowed))]
    public async Task Users_are_for_administrators(Role role, string method, string path)
    {
        await api.TokenAsync(Role.Admin);
        using var client = await api.AsAsync(role);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT")
        {
            request.Content = JsonContent.Create(new { displayName = "x" });
        }

        using var answer = await client.SendAsync(request);
        await AssertProblemAsync(answer, HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData(Role.None)]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Deployer)]
    [InlineData(Role.Maintainer)]
    [InlineData(Role.Admin)]
    public async Task Everybody_may_ask_who_they_are(Role role)
    {
        using var client = await api.AsAsync(role);
        var me = await client.GetFromJsonAsync<JsonElement>("/api/v1/me");
        Assert.Equal(role == Role.None ? 0 : 1, me.GetProperty("roles").GetArrayLength());
        Assert.Equal(PermissionTable.Of(role).Count, me.GetProperty("permissions").GetArrayLength());
    }

    [Fact]
    public async Task User_is_made_read_changed_and_deleted()
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var made = await admin.PostAsJsonAsync(Users, new { username = "uma", password = "a long passphrase", role = "deployer", email = "uma@example.org" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal("/api/v1/users/uma", made.Headers.Location!.ToString());
        var text = await made.Content.ReadAsStringAsync();
        Assert.DoesNotContain("assphrase", text, StringComparison.Ordinal);
        Assert.Equal("""{"username":"uma","displayName":"uma","email":"uma@example.org","role":"deployer","projects":[],"disabled":false}""", text);

        using var read = await admin.GetAsync(made.Headers.Location);
        var tag = read.Headers.ETag!;
        using var changed = await PutAsync(admin, "uma", new { displayName = "Uma", role = "maintainer" }, tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        using var stale = await PutAsync(admin, "uma", new { displayName = "Late", role = "viewer" }, tag);
        await AssertProblemAsync(stale, HttpStatusCode.PreconditionFailed);

        using var gone = await admin.DeleteAsync(made.Headers.Location);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        using var missing = await admin.GetAsync(made.Headers.Location);
        await AssertProblemAsync(missing, HttpStatusCode.NotFound);

        await using var db = await api.Contexts.CreateDbContextAsync();
        var lines = await db.AuditEntries.Where(a => a.Subject == "user/uma").OrderBy(a => a.Id).ToListAsync();
        Assert.Equal(["user.create", "user.change", "user.delete"], lines.Select(l => l.Action));
        Assert.All(lines, l => Assert.Equal(("admin", "127.0.0.1"), (l.Actor, l.Ip)));
    }

    [Fact]
    public async Task Name_that_is_taken_is_a_conflict()
    {
        using var admin = await api.AsAsync(Role.Admin);
        await api.TokenAsync("vera", Role.Viewer);
        using var answer = await admin.PostAsJsonAsync(Users, new { username = "vera", password = "a long passphrase" });
        var problem = await AssertProblemAsync(answer, HttpStatusCode.Conflict);
        Assert.Equal("exists", problem.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Same_user_made_many_times_at_once_is_made_once()
    {
        using var admin = await api.AsAsync(Role.Admin);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => admin.PostAsJsonAsync(Users, new { username = "wim", password = "a long passphrase" })));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(5, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task List_has_pages_and_a_total()
    {
        using var admin = await api.AsAsync(Role.Admin);
        await api.TokenAsync("xia", Role.Viewer);
        var list = await admin.GetFromJsonAsync<JsonElement>("/api/v1/users?page=2&pageSize=1");
        Assert.Equal(2, list.GetProperty("page").GetInt32());
        Assert.Equal(1, list.GetProperty("pageSize").GetInt32());
        Assert.Equal(1, list.GetProperty("items").GetArrayLength());
        Assert.True(list.GetProperty("total").GetInt64() >= 2);
    }

    [Fact]
    public async Task Disabled_user_is_out_and_stays_out_when_enabled_again()
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var user = api.WithToken(await api.TokenAsync("yan", Role.Viewer));
        using var before = await user.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        using var disabled = await PutAsync(admin, "yan", new { role = "viewer", disabled = true });
        Assert.Equal(HttpStatusCode.OK, disabled.StatusCode);
        using var after = await user.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        await AssertProblemAsync(after, HttpStatusCode.Unauthorized);
        using var signIn = await api.Anonymous().PostAsJsonAsync("/api/v1/auth/token", new { username = "yan", password = ApiFixture.Password });
        await AssertProblemAsync(signIn, HttpStatusCode.Unauthorized);
        using var enabled = await PutAsync(admin, "yan", new { role = "viewer", disabled = false });
        Assert.Equal(HttpStatusCode.OK, enabled.StatusCode);
        using var still = await user.GetAsync(new Uri("/api/v1/me", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, still.StatusCode);
    }

    [Fact]
    public async Task Lost_role_counts_with_the_same_token()
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var second = api.WithToken(await api.TokenAsync("zoe", Role.Admin));
        using var allowed = await second.GetAsync(Users);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        using var demoted = await PutAsync(admin, "zoe", new { role = "viewer" });
        Assert.Equal(HttpStatusCode.OK, demoted.StatusCode);
        using var refused = await second.GetAsync(Users);
        await AssertProblemAsync(refused, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Change_that_leaves_the_role_out_is_refused()
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var answer = await PutAsync(admin, "admin", new { displayName = "x" });
        var problem = await AssertProblemAsync(answer, HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty("role", out _));
    }

    internal static Task<HttpResponseMessage> PutAsync(HttpClient client, string user, object body, EntityTagHeaderValue? tag = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/users/{user}") { Content = JsonContent.Create(body) };
        if (tag is not null)
        {
            request.Headers.IfMatch.Add(tag);
        }

        return client.SendAsync(request);
    }
}

/// <summary>An application whose only users are administrators.</summary>
public sealed class LastAdministratorTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Last_administrator_who_can_sign_in_stays()
    {
        using var admin = await api.AsAsync(Role.Admin);
        await api.MakeUserAsync("off", Role.Admin);
        using var disabled = await UserEndpointTests.PutAsync(admin, "off", new { role = "admin", disabled = true });
        Assert.Equal(HttpStatusCode.OK, disabled.StatusCode);

        using var demote = await UserEndpointTests.PutAsync(admin, "admin", new { role = "maintainer" });
        using var disable = await UserEndpointTests.PutAsync(admin, "admin", new { role = "admin", disabled = true });
        using var delete = await admin.DeleteAsync(new Uri("/api/v1/users/admin", UriKind.Relative));
        foreach (var answer in new[] { demote, disable, delete })
        {
            var problem = await AssertProblemAsync(answer, HttpStatusCode.Conflict);
            Assert.Equal("lastAdministrator", problem.GetProperty("reason").GetString());
        }

        await api.MakeUserAsync("second", Role.Admin);
        using var second = api.WithToken(await api.IssueAsync("second"));
        var both = await Task.WhenAll(
            UserEndpointTests.PutAsync(admin, "second", new { role = "viewer" }),
            UserEndpointTests.PutAsync(second, "admin", new { role = "viewer" }));
        await using var db = await api.Contexts.CreateDbContextAsync();
        Assert.Equal(1, await db.Users.CountAsync(a => a.Role == Role.Admin && !a.Disabled));
        Assert.Single(both, a => a.StatusCode == HttpStatusCode.OK);
    }
}
