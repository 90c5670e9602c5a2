using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Api;

/// <summary>What holds for every address of the API: problems, field names, sizes, headers.</summary>
public sealed class ContractTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Theory]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api", HttpStatusCode.NotFound)]
    [InlineData("PATCH", "/api/v1/me", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/v1/me", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/api/v1/users/nobody", HttpStatusCode.Unauthorized)]
    public async Task Refusal_of_a_stranger_is_a_problem(string method, string path, HttpStatusCode expected)
    {
        using var client = api.Anonymous();
        using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        await AssertProblemAsync(answer, expected);
    }

    [Fact]
    public async Task Unknown_fields_are_all_named()
    {
        using var answer = await PostUserAsync("""{"username":"lin","password":"long enough 1","nickname":"x","projects":[{"project":"a","role":"viewer","since":1}]}""");
        var errors = (await AssertProblemAsync(answer, HttpStatusCode.BadRequest)).GetProperty("errors");
        Assert.True(errors.TryGetProperty("nickname", out _));
        Assert.True(errors.TryGetProperty("projects[0].since", out _));
    }

    [Theory]
    [InlineData("""{"username":5}""", "username")]
    [InlineData("""{"role":"king"}""", "role")]
    [InlineData("""{"role":4}""", "role")]
    [InlineData("""{"disabled":"true"}""", "disabled")]
    [InlineData("""{"disabled":null}""", "disabled")]
    [InlineData("""{"projects":{}}""", "projects")]
    [InlineData("""{"projects":[{"project":"a"}]}""", "projects[0].role")]
    [InlineData("""{"projects":[{"project":null,"role":"viewer"}]}""", "projects[0].project")]
    [InlineData("""{"email":"a@b","email":"c@d"}""", "email")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("", "body")]
    [InlineData("{", "body")]
    [InlineData("""{"username":"lin",}""", "body")]
    [InlineData("{}", "username")]
    [InlineData("""{"username":"Not A Slug","password":"long enough 1"}""", "username")]
    [InlineData("""{"username":"platform","password":"long enough 1"}""", "username")]
    [InlineData("""{"username":"lin","password":"short"}""", "password")]
    [InlineData("""{"username":"lin","password":"long enough 1","email":"no mail"}""", "email")]
    [InlineData("""{"username":"lin","password":"long enough 1","projects":[{"project":"nowhere","role":"viewer"}]}""", "projects")]
    public async Task Bad_body_names_the_field(string body, string field)
    {
        using var answer = await PostUserAsync(body);
        var problem = await AssertProblemAsync(answer, HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out var texts), problem.ToString());
        Assert.Equal(JsonValueKind.Array, texts.ValueKind);
    }

    [Fact]
    public async Task Malformed_body_says_where()
    {
        using var answer = await PostUserAsync("{\n  \"username\": lin\n}");
        var problem = await AssertProblemAsync(answer, HttpStatusCode.BadRequest);
        Assert.Contains("line 2", problem.GetProperty("errors").GetProperty("body")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("page=0", "page")]
    [InlineData("page=x", "page")]
    [InlineData("pageSize=201", "pageSize")]
    [InlineData("pageSize=-1", "pageSize")]
    [InlineData("page=99999999999999", "page")]
    public async Task Bad_paging_names_the_parameter(string query, string field)
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var answer = await admin.GetAsync(new Uri($"/api/v1/users?{query}", UriKind.Relative));
        var problem = await AssertProblemAsync(answer, HttpStatusCode.BadRequest);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task Other_content_type_is_refused()
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var answer = await admin.PostAsync(new Uri("/api/v1/users", UriKind.Relative), new StringContent("{}", Encoding.UTF8, "text/plain"));
        await AssertProblemAsync(answer, HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Body_of_ten_megabytes_is_refused()
    {
        using var admin = await api.AsAsync(Role.Admin);
        using var answer = await admin.PostAsJsonAsync("/api/v1/users", new { username = new string('a', 10 * 1024 * 1024) });
        await AssertProblemAsync(answer, HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Body_of_ten_megabytes_without_a_length_is_refused()
    {
        using var admin = await api.AsAsync(Role.Admin);
        admin.DefaultRequestHeaders.TransferEncodingChunked = true;
        using var answer = await admin.PostAsJsonAsync("/api/v1/users", new { username = new string('a', 10 * 1024 * 1024) });
        await AssertProblemAsync(answer, HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("/api/v1/me")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs/index.html")]
    public async Task Every_answer_carries_the_security_headers(string path)
    {
        using var client = api.Anonymous();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Description_names_what_there_is()
    {
        using var client = api.Anonymous();
        var document = await client.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        var create = document.GetProperty("paths").GetProperty("/api/v1/users").GetProperty("post");
        Assert.True(create.GetProperty("responses").TryGetProperty("201", out _));
        Assert.True(create.GetProperty("responses").TryGetProperty("400", out _));
        Assert.True(create.TryGetProperty("security", out _));
        Assert.False(create.TryGetProperty("parameters", out _), create.ToString());
        var role = document.GetProperty("components").GetProperty("schemas").GetProperty("Role").GetProperty("enum");
        Assert.Contains(role.EnumerateArray(), r => string.Equals(r.GetString(), "maintainer", StringComparison.Ordinal));
        var expires = document.GetProperty("components").GetProperty("schemas").GetProperty("TokenAnswer").GetProperty("properties").GetProperty("expiresAt");
        Assert.Equal("date-time", expires.GetProperty("format").GetString());
    }

    private async Task<HttpResponseMessage> PostUserAsync(string body)
    {
        using var admin = await api.AsAsync(Role.Admin);
        return await admin.PostAsync(new Uri("/api/v1/users", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));
    }

    internal static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("title").GetString()));
        Assert.False(string.IsNullOrEmpty(problem.GetProperty("detail").GetString()));
        return problem;
    }
}
