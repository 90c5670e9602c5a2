using DevOps.Core.Notifications;
using DevOps.Core.Notifications.Messages;
using DevOps.Infrastructure.Notifications;
using DevOps.Tests.Fakes;

namespace DevOps.Tests.Infrastructure.Notifications;

public sealed class ChannelPostTests : IAsyncLifetime
{
    private readonly FakeReceiver _receiver = new();
    private readonly ChannelPost _post = new(new SocketsHttpHandler { AllowAutoRedirect = false }, TimeSpan.FromMilliseconds(500));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _post.Dispose();
        await _receiver.DisposeAsync();
    }

    [Theory]
    [InlineData(ChannelKind.Webhook, "204 No Content", "")]
    [InlineData(ChannelKind.Slack, "200 OK", "ok")]
    [InlineData(ChannelKind.Dingtalk, "200 OK", """{"errcode":0,"errmsg":"ok"}""")]
    [InlineData(ChannelKind.Feishu, "200 OK", """{"StatusCode":0,"StatusMessage":"success","code":0}""")]
    public async Task Yes_of_the_service_is_sent(ChannelKind kind, string status, string body)
    {
        _receiver.Then(status, body);

        Assert.True((await SendAsync(kind)).Sent);
    }

    [Theory]
    [InlineData(ChannelKind.Dingtalk, """{"errcode":310000,"errmsg":"sign not match"}""", "sign not match")]
    [InlineData(ChannelKind.Wecom, """{"errcode":93000,"errmsg":"invalid webhook url"}""", "invalid webhook url")]
    [InlineData(ChannelKind.Feishu, """{"code":19021,"msg":"sign match fail"}""", "sign match fail")]
    [InlineData(ChannelKind.Dingtalk, "<html>sign in</html>", "not an answer of the service")]
    [InlineData(ChannelKind.Wecom, "[]", "[]")]
    public async Task No_in_a_200_is_no_success(ChannelKind kind, string body, string words)
    {
        _receiver.Then("200 OK", body);

        var answer = await SendAsync(kind);

        Assert.False(answer.Sent);
        Assert.Contains(words, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("404 Not Found", true)]
    [InlineData("400 Bad Request", true)]
    [InlineData("302 Found", true)]
    [InlineData("429 Too Many Requests", false)]
    [InlineData("500 Internal Server Error", false)]
    [InlineData("503 Service Unavailable", false)]
    public async Task Trouble_that_may_pass_is_tried_again_and_other_is_not(string status, bool final)
    {
        _receiver.Then(status, "no", "Location: http://127.0.0.1:1/\r\n");

        var answer = await SendAsync(ChannelKind.Webhook);

        Assert.Equal((false, final), (answer.Sent, answer.Final));
        await _receiver.NextAsync();
        Assert.False(_receiver.HasMore);
    }

    [Fact]
    public async Task Wish_to_be_left_alone_is_passed_on()
    {
        _receiver.Then("429 Too Many Requests", "", "Retry-After: 30\r\n");

        Assert.Equal(TimeSpan.FromSeconds(30), (await SendAsync(ChannelKind.Webhook)).After);
    }

    [Fact]
    public async Task Receiver_that_does_not_answer_costs_the_patience_and_no_more()
    {
        _receiver.ThenSilence();

        var answer = await SendAsync(ChannelKind.Webhook);

        Assert.Equal((false, false), (answer.Sent, answer.Final));
        Assert.Contains("no answer within 0.5 s", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receiver_that_closes_or_is_not_there_is_said_in_words()
    {
        _receiver.ThenClose();
        Assert.Contains("closed", (await SendAsync(ChannelKind.Webhook)).Text, StringComparison.Ordinal);

        var answer = await _post.SendAsync(ChannelKind.Webhook, new ChannelRequest(new Uri("http://127.0.0.1:1/"), "{}", []), CancellationToken.None);
        Assert.Equal("connection refused", answer.Text);
    }

    private Task<SendAnswer> SendAsync(ChannelKind kind) => _post.SendAsync(kind, new ChannelRequest(new Uri(_receiver.Url), "{}", []), CancellationToken.None);
}
