using System.Net;
using DevOps.Core.Access;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Blazor.Notifications;

public sealed class ChannelEndpointTests(RoomsApi api) : IClassFixture<RoomsApi>
{
    private const string Channels = "/notifications/channels";

    [Fact]
    public async Task Channel_is_made_read_changed_and_deleted_and_its_secret_never_comes_back()
    {
        var made = await api.SendAsync(HttpMethod.Post, Channels, """{"name":"ops","kind":"dingtalk","url":"https://oapi.example/robot/send?access_token=abc","secret":"SEC-very-secret","events":["failed","succeeded"],"projects":[]}""", HttpStatusCode.Created);
        Assert.Equal("/api/v1/notifications/channels/ops", made.Location);
        var read = await api.SendAsync(HttpMethod.Get, $"{Channels}/ops", null, HttpStatusCode.OK);
        Assert.Equal(("dingtalk", "https://oapi.example/robot/send?access_token=abc", true), (read.Text("kind"), read.Text("url"), read["secretSet"].GetBoolean()));
        Assert.DoesNotContain("SEC-very-secret", read.Body.ToString(), StringComparison.Ordinal);

        await api.SendAsync(HttpMethod.Put, $"{Channels}/ops", """{"kind":"dingtalk","url":"https://oapi.example/2","events":["failed"]}""", HttpStatusCode.PreconditionFailed, ifMatch: "\"99\"");
        var kept = await api.SendAsync(HttpMethod.Put, $"{Channels}/ops", """{"kind":"dingtalk","url":"https://oapi.example/2","events":["failed"]}""", HttpStatusCode.OK, ifMatch: read.Tag);
        Assert.True(kept["secretSet"].GetBoolean());
        var other = await api.SendAsync(HttpMethod.Put, $"{Channels}/ops", """{"kind":"wecom","url":"https://oapi.example/3","events":["failed"]}""", HttpStatusCode.OK);
        Assert.False(other["secretSet"].GetBoolean());

        await api.SendAsync(HttpMethod.Delete, $"{Channels}/ops", null, HttpStatusCode.NoContent);
        await api.SendAsync(HttpMethod.Get, $"{Channels}/ops", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Address_and_secret_lie_sealed_in_the_database()
    {
        await api.SendAsync(HttpMethod.Post, Channels, """{"name":"sealed","kind":"webhook","url":"https://x.example/very-private","secret":"very-secret","events":["failed"]}""", HttpStatusCode.Created);

        await using var dump = api.Postgres.DataSource.CreateCommand("SELECT string_agg(t, ' ') FROM (SELECT row_to_json(c)::text t FROM notification_channels c UNION ALL SELECT encode(ciphertext, 'escape') FROM secrets UNION ALL SELECT row_to_json(a)::text FROM audit_entries a) all_of_it");
        var text = (string)(await dump.ExecuteScalarAsync())!;

        Assert.DoesNotContain("very-private", text, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_for_people_are_in_the_language_of_the_settings_and_those_for_programs_in_english()
    {
        await using var receiver = new FakeReceiver();
        await api.SendAsync(HttpMethod.Put, "/settings", """{"language": "zh-Hans", "publicUrl": "https://deploy.example"}""", HttpStatusCode.OK);
        try
        {
            foreach (var kind in new[] { "slack", "dingtalk", "feishu", "wecom", "teams", "webhook" })
            {
                await api.SendAsync(HttpMethod.Post, Channels, $$"""{"name":"in-chinese-{{kind}}","kind":"{{kind}}","url":"{{receiver.Url}}","events":["failed"]}""", HttpStatusCode.Created);
                await api.SendAsync(HttpMethod.Post, $"{Channels}/in-chinese-{kind}/test", null, HttpStatusCode.OK);
                var body = System.Text.RegularExpressions.Regex.Unescape((await receiver.NextAsync()).Body.Replace("\\\"", "\"", StringComparison.Ordinal));
                var isProgram = kind is "webhook";
                Assert.Equal(!isProgram, body.Contains("这是一条测试消息", StringComparison.Ordinal) && body.Contains("申请人", StringComparison.Ordinal) && body.Contains("打开", StringComparison.Ordinal));
                Assert.DoesNotContain("Asked for by", body, StringComparison.Ordinal);
            }
        }
        finally
        {
            await api.SendAsync(HttpMethod.Put, "/settings", "{}", HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Test_message_is_answered_with_what_the_receiver_said_and_stays_in_the_history()
    {
        await using var receiver = new FakeReceiver();
        receiver.Then("403 Forbidden", "unknown robot");
        await api.SendAsync(HttpMethod.Post, Channels, $$"""{"name":"tested","kind":"slack","url":"{{receiver.Url}}","events":["failed"]}""", HttpStatusCode.Created);

        var answer = await api.SendAsync(HttpMethod.Post, $"{Channels}/tested/test", null, HttpStatusCode.OK);

        Assert.Equal((false, "403 unknown robot"), (answer["sent"].GetBoolean(), answer.Text("answer")));
        Assert.Contains("This is a test message", (await receiver.NextAsync()).Body, StringComparison.Ordinal);
        var history = await api.SendAsync(HttpMethod.Get, $"{Channels}/tested/deliveries", null, HttpStatusCode.OK);
        Assert.Equal(("test", "failed"), (history["items"][0].GetProperty("event").GetString(), history["items"][0].GetProperty("state").GetString()));
        var channel = await api.SendAsync(HttpMethod.Get, $"{Channels}/tested", null, HttpStatusCode.OK);
        Assert.Equal("403 unknown robot", channel["lastDelivery"].GetProperty("answer").GetString());
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://0.0.0.0/")]
    public async Task Metadata_address_is_not_asked(string url)
    {
        var name = $"meta-{(uint)url.GetHashCode(StringComparison.Ordinal)}";
        await api.SendAsync(HttpMethod.Post, Channels, $$"""{"name":"{{name}}","kind":"webhook","url":"{{url}}","events":["failed"]}""", HttpStatusCode.Created);

        var answer = await api.SendAsync(HttpMethod.Post, $"{Channels}/{name}/test", null, HttpStatusCode.OK);

        Assert.False(answer["sent"].GetBoolean());
        Assert.Contains("this address must not be asked", answer.Text("answer"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"kind":"slack","url":"https://x.example"}""", "name")]
    [InlineData("""{"name":"a","url":"https://x.example"}""", "kind")]
    [InlineData("""{"name":"a","kind":"pigeon","url":"https://x.example"}""", "kind")]
    [InlineData("""{"name":"a","kind":"slack","url":"https://x.example","events":["exploded"]}""", "events[0]")]
    [InlineData("""{"name":"a","kind":"slack","url":"https://x.example","projects":["nowhere"]}""", "projects")]
    public async Task Bad_field_is_named(string body, string field) =>
        Assert.Equal([field], (await api.SendAsync(HttpMethod.Post, Channels, body, HttpStatusCode.BadRequest)).Faults);

    [Fact]
    public async Task Who_is_no_maintainer_sees_no_channel()
    {
        await api.SendAsync(HttpMethod.Get, Channels, null, HttpStatusCode.OK, Role.Maintainer);
        await api.SendAsync(HttpMethod.Get, Channels, null, HttpStatusCode.Forbidden, Role.Deployer);
        await api.SendAsync(HttpMethod.Post, Channels, """{"name":"a","kind":"slack","url":"https://x.example"}""", HttpStatusCode.Forbidden, Role.Deployer);
        await api.SendAsync(HttpMethod.Post, $"{Channels}/a/test", null, HttpStatusCode.Forbidden, Role.Viewer);
    }
}
