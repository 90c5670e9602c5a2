using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using DevOps.Tests.Fixtures;
using DevOps.Tests.Infrastructure.Logs;
using Microsoft.Extensions.DependencyInjection;

namespace DevOps.Tests.Blazor.Access;

/// <summary>An event stream that is already open ends when who reads it may no longer have it.</summary>
public sealed class OpenAnswerTests(ApiFixture api) : IClassFixture<ApiFixture>, IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task Stream_ends_when_the_account_is_disabled()
    {
        using var client = api.WithToken(await api.TokenAsync("amy", Role.Viewer));
        using var stream = await OpenAsync(client);
        await ChangeAsync(new UserDraft { Username = "amy", Role = Role.Viewer, Disabled = true });
        await EndsAsync(stream);
    }

    [Fact]
    public async Task Stream_ends_when_the_account_is_deleted()
    {
        using var client = api.WithToken(await api.TokenAsync("bob", Role.Viewer));
        using var stream = await OpenAsync(client);
        await api.Services.GetRequiredService<DeleteUser>().RunAsync(Actor.Platform, "bob", null, _limit.Token);
        await EndsAsync(stream);
    }

    [Fact]
    public async Task Stream_ends_when_a_role_is_lost()
    {
        using var client = api.WithToken(await api.TokenAsync("cat", Role.Viewer));
        using var stream = await OpenAsync(client);
        await ChangeAsync(new UserDraft { Username = "cat", Role = Role.None });
        await EndsAsync(stream);
    }

    [Fact]
    public async Task Stream_ends_with_a_new_password()
    {
        using var client = api.WithToken(await api.TokenAsync("dan", Role.Viewer));
        using var stream = await OpenAsync(client);
        await ChangeAsync(new UserDraft { Username = "dan", Role = Role.Viewer, Password = "another fine one" });
        await EndsAsync(stream);
    }

    [Fact]
    public async Task Stream_ends_with_its_personal_token()
    {
        using var owner = api.WithToken(await api.TokenAsync("eve", Role.Viewer));
        using var made = await owner.PostAsJsonAsync("/api/v1/me/tokens", new { name = "watch", scope = "read" }, _limit.Token);
        using var client = api.WithToken((await made.Content.ReadFromJsonAsync<JsonElement>(_limit.Token)).GetProperty("token").GetString()!);
        using var stream = await OpenAsync(client);
        using var revoked = await owner.DeleteAsync(made.Headers.Location, _limit.Token);
        await EndsAsync(stream);
    }

    [Fact]
    public async Task Stream_ends_with_its_browser_session()
    {
        await api.TokenAsync("fin", Role.Viewer);
        using var browser = api.Browser();
        using var signedIn = await browser.PostFormAsync("/login", "sign-in", ("Form.Username", "fin"), ("Form.Password", ApiFixture.Password));
        using var stream = await OpenAsync(browser);
        using var program = api.WithToken(await api.IssueAsync("fin"));
        using var ended = await program.DeleteAsync(new Uri("/api/v1/me/sessions", UriKind.Relative), _limit.Token);
        await EndsAsync(stream);
    }

    [Fact]
    public async Task Stream_of_another_person_goes_on()
    {
        using var client = api.WithToken(await api.TokenAsync("gus", Role.Viewer));
        using var stream = await OpenAsync(client);
        await api.MakeUserAsync("hob", Role.Viewer);
        await ChangeAsync(new UserDraft { Username = "hob", Role = Role.Viewer, Disabled = true });
        await api.Services.GetRequiredService<DevOps.Blazor.Access.OpenAnswers>().LookAsync(_limit.Token);
        var next = stream.ReadLineAsync(_limit.Token).AsTask();
        Assert.False(next.IsCompleted);
    }

    private async Task<StreamReader> OpenAsync(HttpClient client)
    {
        var deployment = await LogRows.DeploymentAsync(api.Postgres.DataSource);
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/deployments/{deployment}/log");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _limit.Token);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_limit.Token));
        string? line;
        do
        {
            line = await reader.ReadLineAsync(_limit.Token);
            Assert.NotNull(line);
        }
        while (!line.StartsWith("data: ", StringComparison.Ordinal));
        Assert.Equal("", await reader.ReadLineAsync(_limit.Token));
        return reader;
    }

    private async Task EndsAsync(StreamReader stream)
    {
        string? line;
        do
        {
            line = await stream.ReadLineAsync(_limit.Token);
            Assert.NotEqual("event: end", line);
        }
        while (line is not null);
    }

    private Task ChangeAsync(UserDraft draft) => api.Services.GetRequiredService<ChangeUser>().RunAsync(Actor.Platform, draft, null, _limit.Token);
}
