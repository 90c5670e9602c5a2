using System.Text.Json;
using DevOps.Core.Notifications;
using DevOps.Core.Notifications.Messages;

namespace DevOps.Tests.Core.Notifications;

public sealed class ChannelRequestsTests
{
    private const string Secret = "SEC1234567890abcdef";
    private static readonly Uri Url = new("https://chat.example/robot/send?access_token=abc");
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Fact]
    public void Dingtalk_is_signed_in_the_query_with_milliseconds()
    {
        var request = Make(ChannelKind.Dingtalk, Secret);

        Assert.Equal("?access_token=abc&timestamp=1700000000000&sign=RqBq3E1RTBDv3n2QBCh4adZ2WHk9mVklyUoDBLxarjI%3D", request.Url.Query);
        Assert.Equal("markdown", Json(request).GetProperty("msgtype").GetString());
        var text = Json(request).GetProperty("markdown").GetProperty("text").GetString()!;
        Assert.Contains("shop → production: failed (#1042)", text, StringComparison.Ordinal);
        Assert.Contains("[Open](https://deploy.example/deployments/1042)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Feishu_is_signed_in_the_body_with_seconds()
    {
        var request = Make(ChannelKind.Feishu, Secret);

        Assert.Equal(Url, request.Url);
        Assert.Equal("1700000000", Json(request).GetProperty("timestamp").GetString());
        Assert.Equal("q8Irq6jvUWZylp2Ox+urXynCLWrdgv6AW58ufc48Reo=", Json(request).GetProperty("sign").GetString());
        Assert.Equal("interactive", Json(request).GetProperty("msg_type").GetString());
        Assert.Equal("red", Json(request).GetProperty("card").GetProperty("header").GetProperty("template").GetString());
    }

    [Fact]
    public void Webhook_is_signed_as_the_specification_shows_in_its_example()
    {
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            StandardSignature.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, """{"test": 2432232314}"""));
    }

    [Fact]
    public void Webhook_carries_id_time_signature_and_the_facts()
    {
        var request = Make(ChannelKind.Webhook, Secret);

        var headers = request.Headers.ToDictionary(StringComparer.Ordinal);
        Assert.Equal(("msg_7", "1700000000"), (headers["webhook-id"], headers["webhook-timestamp"]));
        Assert.Equal(StandardSignature.Sign(Secret, "msg_7", 1_700_000_000, request.Body), headers["webhook-signature"]);
        var data = Json(request).GetProperty("data");
        Assert.Equal("deployment.failed", Json(request).GetProperty("type").GetString());
        Assert.Equal((1042, 75), (data.GetProperty("deployment").GetInt64(), data.GetProperty("durationSeconds").GetInt64()));
        Assert.Equal("https://deploy.example/deployments/1042", data.GetProperty("url").GetString());
    }

    [Theory]
    [InlineData(ChannelKind.Wecom, "msgtype", "markdown")]
    [InlineData(ChannelKind.Slack, "text", "❌ shop → production: failed (#1042)")]
    [InlineData(ChannelKind.Teams, "type", "message")]
    public void Other_services_get_their_own_form_and_no_signature(ChannelKind kind, string property, string value)
    {
        var request = Make(kind, "");

        Assert.Equal(Url, request.Url);
        Assert.Empty(request.Headers);
        Assert.Equal(value, Json(request).GetProperty(property).GetString());
        Assert.Contains("https://deploy.example/deployments/1042", request.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChannelKind.Dingtalk)]
    [InlineData(ChannelKind.Feishu)]
    [InlineData(ChannelKind.Wecom)]
    [InlineData(ChannelKind.Slack)]
    [InlineData(ChannelKind.Teams)]
    public void What_stands_in_a_commit_stays_text(ChannelKind kind)
    {
        var message = Message() with { CommitMessage = "<!channel> <at user_id=\"all\">all</at> [free](https://evil.example) **loud**" };

        var body = ChannelRequests.Make(kind, Url, "", message, Now).Body;

        Assert.DoesNotContain("<!channel>", body, StringComparison.Ordinal);
        Assert.DoesNotContain("<at ", body, StringComparison.Ordinal);
        Assert.DoesNotContain("**loud**", body, StringComparison.Ordinal);
        Assert.True(kind == ChannelKind.Slack || !body.Contains("[free]", StringComparison.Ordinal));
    }

    [Fact]
    public void Long_error_is_one_short_line()
    {
        var message = Message() with { Error = "first line\nsecond 😀" + new string('x', 5000) };

        var (_, value) = message.Facts.Single(f => string.Equals(f.Label, "Error", StringComparison.Ordinal));

        Assert.StartsWith("first line second 😀", value, StringComparison.Ordinal);
        Assert.InRange(value.Length, 300, 302);
    }

    private static ChannelRequest Make(ChannelKind kind, string secret) => ChannelRequests.Make(kind, Url, secret, Message(), Now);

    private static JsonElement Json(ChannelRequest request) => JsonDocument.Parse(request.Body).RootElement;

    private static DeploymentMessage Message() => new()
    {
        Id = "msg_7",
        Event = "failed",
        At = Now,
        Deployment = 1042,
        Project = "shop",
        Environment = "production",
        RequestedBy = "lin",
        Release = 57,
        CommitSha = "0123456789abcdef0123456789abcdef01234567",
        CommitMessage = "Show prices",
        Duration = TimeSpan.FromSeconds(75),
        Error = "npm ci ended with 1",
        Link = "https://deploy.example/deployments/1042",
    };
}
