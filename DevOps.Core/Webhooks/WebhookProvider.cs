namespace DevOps.Core.Webhooks;

/// <summary>Who sends deliveries. The names in small letters are part of the address of the door.</summary>
public enum WebhookProvider
{
    /// <summary>GitHub.</summary>
    Github,

    /// <summary>GitLab.</summary>
    Gitlab,

    /// <summary>Gitea, Forgejo and Gogs.</summary>
    Gitea,

    /// <summary>Gitee.</summary>
    Gitee,

    /// <summary>Bitbucket.</summary>
    Bitbucket,

    /// <summary>Any program that can send a request.</summary>
    Generic,
}
