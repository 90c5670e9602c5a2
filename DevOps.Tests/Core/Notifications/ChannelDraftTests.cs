using DevOps.Core.Notifications;
using DevOps.Core.Refusals;
using DevOps.Core.Secrets;

namespace DevOps.Tests.Core.Notifications;

public sealed class ChannelDraftTests
{
    private static readonly ChannelDraft Good = new() { Name = "ops", Kind = ChannelKind.Webhook, Url = "https://chat.example/hook", Events = ["failed"] };

    [Theory]
    [InlineData(ChannelKind.Email, "ops@example.com")]
    [InlineData(ChannelKind.Email, "mailto:ops@example.com, lin@example.com")]
    [InlineData(ChannelKind.Slack, "https://hooks.slack.com/services/T/B/x")]
    [InlineData(ChannelKind.Webhook, "http://127.0.0.1:9000/hook")]
    public void Address_that_fits_its_kind_is_accepted(ChannelKind kind, string url) => Assert.Empty(FaultsOf(Good with { Kind = kind, Url = url }));

    [Theory]
    [InlineData(ChannelKind.Webhook, "ftp://chat.example")]
    [InlineData(ChannelKind.Webhook, "file:///etc/passwd")]
    [InlineData(ChannelKind.Webhook, "https://user:password@chat.example")]
    [InlineData(ChannelKind.Webhook, "")]
    [InlineData(ChannelKind.Email, "https://chat.example")]
    [InlineData(ChannelKind.Email, "Ops <ops@example.com>")]
    [InlineData(ChannelKind.Email, "ops@example.com\r\nBcc: all@example.com")]
    public void Address_that_does_not_fit_is_refused(ChannelKind kind, string url) => Assert.Equal(["url"], FaultsOf(Good with { Kind = kind, Url = url }));

    [Fact]
    public void Unknown_event_is_named() => Assert.Equal(["events[1]"], FaultsOf(Good with { Events = ["failed", "exploded"] }));

    [Fact]
    public void Channel_without_events_would_never_speak() => Assert.Equal(["events"], FaultsOf(Good with { Events = [] }));

    [Theory]
    [InlineData(ChannelKind.Slack, "anything")]
    [InlineData(ChannelKind.Webhook, "whsec_%%%")]
    public void Secret_that_cannot_sign_is_refused(ChannelKind kind, string secret) => Assert.Equal(["secret"], FaultsOf(Good with { Kind = kind, Secret = new Sensitive(secret) }));

    private static IEnumerable<string> FaultsOf(ChannelDraft draft)
    {
        var faults = new Faults();
        draft.Check(faults);
        return Record.Exception(faults.ThrowIfAny) is InvalidInput refused ? refused.Errors.Keys : [];
    }
}
