namespace DevOps.Core.Notifications;

/// <summary>What stands behind a channel's address. The names are the words of the HTTP contract.</summary>
public enum ChannelKind
{
    /// <summary>A DingTalk group robot.</summary>
    Dingtalk,

    /// <summary>A Feishu (Lark) group bot.</summary>
    Feishu,

    /// <summary>A WeCom group robot.</summary>
    Wecom,

    /// <summary>A Slack incoming webhook.</summary>
    Slack,

    /// <summary>A Teams workflow or incoming webhook.</summary>
    Teams,

    /// <summary>Addresses for mail.</summary>
    Email,

    /// <summary>Any receiver, signed as Standard Webhooks asks for.</summary>
    Webhook,
}
