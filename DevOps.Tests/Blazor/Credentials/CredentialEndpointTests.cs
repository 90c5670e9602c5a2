using System.Net;
using DevOps.Core.Access;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Credentials;

public sealed class CredentialEndpointTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    [Fact]
    public async Task Generated_key_answers_its_public_half_only()
    {
        var created = await api.SendAsync(HttpMethod.Post, "/credentials", """{"name":"made","kind":"sshKey","generate":true}""", HttpStatusCode.Created, Role.Maintainer);

        Assert.Equal("/api/v1/credentials/made", created.Location);
        Assert.StartsWith("ssh-ed25519 AAAA", created.Text("publicKey"), StringComparison.Ordinal);
        Assert.EndsWith(" devops-made", created.Text("publicKey"), StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE", created.Body.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(["name", "kind", "publicKey", "createdAt", "usedBy"], created.Body.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task Value_never_comes_back()
    {
        var created = await api.SendAsync(HttpMethod.Post, "/credentials", """{"name":"tok","kind":"token","value":"sesame-open"}""", HttpStatusCode.Created);
        var list = await api.SendAsync(HttpMethod.Get, "/credentials", null, HttpStatusCode.OK);

        Assert.DoesNotContain("sesame", created.Body.GetRawText() + list.Body.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("token", created.Text("kind"));
        await api.SendAsync(HttpMethod.Post, "/credentials", """{"name":"tok","kind":"token","value":"other"}""", HttpStatusCode.Conflict);
        await api.SendAsync(HttpMethod.Delete, "/credentials/tok", null, HttpStatusCode.NoContent);
        await api.SendAsync(HttpMethod.Delete, "/credentials/tok", null, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("""{"kind":"password","value":"sesame"}""", "name")]
    [InlineData("""{"name":"x","value":"sesame"}""", "kind")]
    [InlineData("""{"name":"x","kind":"certificate","value":"sesame"}""", "kind")]
    [InlineData("""{"name":"x","kind":"password"}""", "value")]
    [InlineData("""{"name":"x","kind":"password","generate":true}""", "generate")]
    [InlineData("""{"name":"x","kind":"token","value":"se same"}""", "value")]
    [InlineData("""{"name":"x","kind":"sshKey","value":"sesame"}""", "value")]
    [InlineData("""{"name":"x","kind":"sshKey","value":"-----BEGIN OPENSSH PRIVATE KEY-----\nsesame\n-----END OPENSSH PRIVATE KEY-----"}""", "value")]
    [InlineData("""{"name":"x","kind":"password","value":"sesame","passphrase":"x"}""", "passphrase")]
    public async Task Add_names_the_field_and_does_not_repeat_the_value(string body, string field)
    {
        var answer = await api.SendAsync(HttpMethod.Post, "/credentials", body, HttpStatusCode.BadRequest);

        Assert.Equal([field], answer.Faults);
        Assert.DoesNotContain("sesame", answer.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_of_one_in_use_says_by_what()
    {
        await api.SendAsync(HttpMethod.Post, "/credentials", """{"name":"used","kind":"token","value":"abc"}""", HttpStatusCode.Created);
        await api.SendAsync(HttpMethod.Post, "/projects", """{"key":"user","repository":{"url":"https://git.example/a.git","credential":"used"},"deploy":{"path":"/srv/user"}}""", HttpStatusCode.Created);

        Assert.Contains("project/user", (await api.SendAsync(HttpMethod.Delete, "/credentials/used", null, HttpStatusCode.Conflict)).Text("detail"), StringComparison.Ordinal);
        Assert.Equal("project/user", (await api.SendAsync(HttpMethod.Get, "/credentials/used", null, HttpStatusCode.OK))["usedBy"][0].GetString());
    }
}
