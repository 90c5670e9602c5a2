using System.Globalization;
using System.Net;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Notifications;

public sealed class ChannelMailTests
{
    [Fact]
    public async Task Mail_goes_to_every_address_of_the_channel()
    {
        await using var server = new FakeMailServer();
        await using var app = await StartAsync(server);

        var answer = await TestAsync(app);

        Assert.True(answer["sent"].GetBoolean());
        var said = await server.ConversationAsync();
        Assert.Contains("MAIL FROM:<deploy@example.com>", said, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("RCPT TO:<ops@example.com>", said, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("RCPT TO:<lin@example.com>", said, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Auto-Submitted: auto-generated", said, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task No_of_the_mail_server_is_shown()
    {
        await using var server = new FakeMailServer("550 no such mailbox");
        await using var app = await StartAsync(server);

        var answer = await TestAsync(app);

        Assert.False(answer["sent"].GetBoolean());
        Assert.Contains("no such mailbox", answer.Text("answer"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_mail_server_the_test_says_what_to_set()
    {
        await using var app = new RoomsApi();
        await app.InitializeAsync();

        Assert.Contains("Mail:Host", (await TestAsync(app)).Text("answer"), StringComparison.Ordinal);
    }

    private static async Task<RoomsApi> StartAsync(FakeMailServer server)
    {
        var app = new RoomsApi
        {
            More = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Mail:Host"] = "127.0.0.1",
                ["Mail:Port"] = server.Port.ToString(CultureInfo.InvariantCulture),
                ["Mail:Tls"] = "false",
                ["Mail:From"] = "deploy@example.com",
            },
        };
        await app.InitializeAsync();
        return app;
    }

    private static async Task<RoomsApi.Answer> TestAsync(RoomsApi app)
    {
        await app.SendAsync(HttpMethod.Post, "/notifications/channels", """{"name":"mail","kind":"email","url":"ops@example.com, lin@example.com","events":["failed"]}""", HttpStatusCode.Created);
        return await app.SendAsync(HttpMethod.Post, "/notifications/channels/mail/test", null, HttpStatusCode.OK);
    }
}
