using System.Net;
using DevOps.Core.Access;
using DevOps.Core.Servers;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Servers;

public sealed class ServerEndpointTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    private static readonly ScannedHostKey Ed = Rooms.HostKey('E');
    private static readonly ScannedHostKey Rsa = Rooms.HostKey('R', "ssh-rsa");

    [Fact]
    public async Task Server_goes_its_way_from_adding_to_deleting()
    {
        await CredentialAsync("way-key");
        api.Hosts.Keys["way.example"] = [Rsa, Ed];
        var created = await api.SendAsync(HttpMethod.Post, "/servers", """{"name":"way","host":"way.example","port":2222,"user":"deploy","credential":"way-key","tags":["web"]}""", HttpStatusCode.Created);
        Assert.Equal("/api/v1/servers/way", created.Location);
        Assert.Null(created.Text("hostKey"));

        var scan = await api.SendAsync(HttpMethod.Get, "/servers/way/host-key", null, HttpStatusCode.OK);
        Assert.Equal((Ed.Fingerprint, "ssh-ed25519"), (scan.Text("fingerprint"), scan.Text("algorithm")));
        Assert.Equal(2, scan["keys"].GetArrayLength());
        Assert.Null(scan.Text("pinned"));

        var pinned = await api.SendAsync(HttpMethod.Post, "/servers/way/host-key", $$"""{"fingerprint":"{{Ed.Fingerprint}}"}""", HttpStatusCode.OK);
        Assert.Equal(Ed.Fingerprint, pinned.Text("hostKey"));
        var put = await api.SendAsync(HttpMethod.Put, "/servers/way", pinned.Body.ToString(), HttpStatusCode.OK, ifMatch: pinned.Tag);
        Assert.Equal(pinned.Body.ToString(), put.Body.ToString());
        await api.SendAsync(HttpMethod.Put, "/servers/way", pinned.Body.ToString(), HttpStatusCode.PreconditionFailed, ifMatch: pinned.Tag);
        var check = await api.SendAsync(HttpMethod.Post, "/servers/way/check", null, HttpStatusCode.OK);
        Assert.True(check["reachable"].GetBoolean());
        await api.SendAsync(HttpMethod.Delete, "/servers/way", null, HttpStatusCode.NoContent);
        await api.SendAsync(HttpMethod.Get, "/servers/way", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Pin_refuses_a_key_that_the_server_does_not_show()
    {
        await CredentialAsync("pin-key");
        api.Hosts.Keys["pin.example"] = [Ed];
        await api.SendAsync(HttpMethod.Post, "/servers", """{"name":"pin","host":"pin.example","user":"deploy","credential":"pin-key"}""", HttpStatusCode.Created);

        var refusal = await api.SendAsync(HttpMethod.Post, "/servers/pin/host-key", $$"""{"fingerprint":"{{Rsa.Fingerprint}}"}""", HttpStatusCode.Conflict);
        Assert.Contains(Ed.Fingerprint, refusal.Text("detail"), StringComparison.Ordinal);
        Assert.Contains(Rsa.Fingerprint, refusal.Text("detail"), StringComparison.Ordinal);
        await api.SendAsync(HttpMethod.Post, "/servers/pin/host-key", """{"fingerprint":"MD5:aa"}""", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Add_with_a_fingerprint_pins_it_or_adds_nothing()
    {
        await CredentialAsync("add-key");
        api.Hosts.Keys["add.example"] = [Ed];
        var wrong = $$"""{"name":"add","host":"add.example","user":"deploy","credential":"add-key","hostKey":"{{Rsa.Fingerprint}}"}""";

        await api.SendAsync(HttpMethod.Post, "/servers", wrong, HttpStatusCode.Conflict);
        await api.SendAsync(HttpMethod.Get, "/servers/add", null, HttpStatusCode.NotFound);
        var right = await api.SendAsync(HttpMethod.Post, "/servers", wrong.Replace(Rsa.Fingerprint, Ed.Fingerprint, StringComparison.Ordinal), HttpStatusCode.Created);
        Assert.Equal(Ed.Fingerprint, right.Text("hostKey"));
    }

    [Theory]
    [InlineData("""{"host":"h","user":"u","credential":"c"}""", "name")]
    [InlineData("""{"name":"s","host":"-oProxyCommand=id","user":"u","credential":"c"}""", "host")]
    [InlineData("""{"name":"s","host":"h","user":"-l","credential":"c"}""", "user")]
    [InlineData("""{"name":"s","host":"h","user":"u","credential":"c","port":0}""", "port")]
    [InlineData("""{"name":"s","host":"h","user":"u","credential":"c","labels":[]}""", "labels")]
    [InlineData("""{"name":"s","host":"h","user":"u","credential":"nobody"}""", "credential")]
    [InlineData("""{"name":"s","host":"h","user":"u","credential":"c","tags":["A B"]}""", "tags[0]")]
    public async Task Add_names_the_field_that_cannot_be_accepted(string body, string field) =>
        Assert.Equal([field], (await api.SendAsync(HttpMethod.Post, "/servers", body, HttpStatusCode.BadRequest)).Faults);

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Deployer)]
    public async Task Roles_below_maintainer_read_servers_only(Role role)
    {
        await api.SendAsync(HttpMethod.Get, "/servers", null, HttpStatusCode.OK, role);
        await api.SendAsync(HttpMethod.Post, "/servers", """{"name":"s","host":"h","user":"u","credential":"c"}""", HttpStatusCode.Forbidden, role);
        await api.SendAsync(HttpMethod.Put, "/servers/s", """{"host":"h","user":"u","credential":"c"}""", HttpStatusCode.Forbidden, role);
        await api.SendAsync(HttpMethod.Delete, "/servers/s", null, HttpStatusCode.Forbidden, role);
        await api.SendAsync(HttpMethod.Get, "/servers/s/host-key", null, HttpStatusCode.Forbidden, role);
        await api.SendAsync(HttpMethod.Post, "/servers/s/host-key", """{"fingerprint":"x"}""", HttpStatusCode.Forbidden, role);
        await api.SendAsync(HttpMethod.Get, "/credentials", null, HttpStatusCode.Forbidden, role);
        await api.SendAsync(HttpMethod.Post, "/credentials", """{"name":"c","kind":"password","value":"x"}""", HttpStatusCode.Forbidden, role);
        await api.SendAsync(HttpMethod.Delete, "/credentials/c", null, HttpStatusCode.Forbidden, role);
    }

    private Task<RoomsApi.Answer> CredentialAsync(string name) =>
        api.SendAsync(HttpMethod.Post, "/credentials", $$"""{"name":"{{name}}","kind":"password","value":"hunter2-hunter2"}""", HttpStatusCode.Created);
}
