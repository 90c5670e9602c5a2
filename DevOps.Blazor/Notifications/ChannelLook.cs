using DevOps.Blazor.Ui;
using DevOps.Core.Notifications;

namespace DevOps.Blazor.Notifications;

/// <summary>How kinds of channels and states of messages look.</summary>
public static class ChannelLook
{
    /// <summary>Name of the icon.</summary>
    public static string Icon(ChannelKind kind) => kind switch
    {
        ChannelKind.Email => "mail",
        ChannelKind.Webhook => "webhook",
        _ => "forum",
    };

    /// <summary>An address of the kind, to show what belongs into the field.</summary>
    public static string Example(ChannelKind kind) => kind switch
    {
        ChannelKind.Dingtalk => "https://oapi.dingtalk.com/robot/send?access_token=…",
        ChannelKind.Feishu => "https://open.feishu.cn/open-apis/bot/v2/hook/…",
        ChannelKind.Wecom => "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
        ChannelKind.Slack => "https://hooks.slack.com/services/…",
        ChannelKind.Teams => "https://….logic.azure.com/workflows/…",
        ChannelKind.Email => "team@example.com, lin@example.com",
        _ => "https://example.com/hooks/deployments",
    };

    /// <summary>Whether messages of the kind can be signed.</summary>
    public static bool Signs(ChannelKind kind) => kind is ChannelKind.Dingtalk or ChannelKind.Feishu or ChannelKind.Webhook;

    /// <summary>The look of a message.</summary>
    public static StatusLook Of(DeliveryState state) => state switch
    {
        DeliveryState.Pending => new("MessagePending", "schedule_send", Tone.Neutral),
        DeliveryState.Sent => new("MessageSent", "check_circle", Tone.Good),
        DeliveryState.Skipped => new("MessageSkipped", "skip_next", Tone.Warn),
        _ => new("StatusFailed", "error", Tone.Bad),
    };
}
