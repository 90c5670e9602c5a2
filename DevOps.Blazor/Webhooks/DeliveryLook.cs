using DevOps.Core.Webhooks;
using Microsoft.Extensions.Localization;

namespace DevOps.Blazor.Webhooks;

/// <summary>Names of senders, as people know them.</summary>
internal static class DeliveryLook
{
    public static string NameOf(WebhookProvider provider, IStringLocalizer<WebhooksText> text) => provider switch
    {
        WebhookProvider.Github => "GitHub",
        WebhookProvider.Gitlab => "GitLab",
        WebhookProvider.Gitea => "Gitea, Forgejo, Gogs",
        WebhookProvider.Gitee => "Gitee",
        WebhookProvider.Bitbucket => "Bitbucket",
        _ => text["AnySender"],
    };
}
