using System.Globalization;
using System.Text.Json.Nodes;

namespace DevOps.Core.Notifications.Messages;

/// <summary>The JSON each service wants. Whatever came from a commit or an error is written so that it stays text: no link, no mention, no mark-up.</summary>
internal static class ChatBodies
{
    public static JsonObject Dingtalk(DeploymentMessage message) => new()
    {
        ["msgtype"] = "markdown",
        ["markdown"] = new JsonObject
        {
            ["title"] = message.Title,
            ["text"] = $"#### {Plain(message.Title)}\n\n" + string.Join("\n", message.Facts.Select(f => $"- **{f.Label}**: {Plain(f.Value)}")) + Open(message, "\n\n"),
        },
    };

    public static JsonObject Wecom(DeploymentMessage message) => new()
    {
        ["msgtype"] = "markdown",
        ["markdown"] = new JsonObject
        {
            ["content"] = $"**{Plain(message.Title)}**\n" + string.Join("\n", message.Facts.Select(f => $"> {f.Label}: {Plain(f.Value)}")) + Open(message, "\n"),
        },
    };

    public static JsonObject Feishu(DeploymentMessage message)
    {
        var elements = new JsonArray(
            new JsonObject
            {
                ["tag"] = "div",
                ["text"] = new JsonObject { ["tag"] = "lark_md", ["content"] = string.Join("\n", message.Facts.Select(f => $"**{f.Label}**: {Plain(f.Value)}")) },
            });
        if (message.Link is { } link)
        {
            elements.Add(new JsonObject
            {
                ["tag"] = "action",
                ["actions"] = new JsonArray(new JsonObject
                {
                    ["tag"] = "button",
                    ["type"] = "primary",
                    ["text"] = new JsonObject { ["tag"] = "plain_text", ["content"] = message.Say("Open") },
                    ["url"] = link,
                }),
            });
        }

        return new JsonObject
        {
            ["msg_type"] = "interactive",
            ["card"] = new JsonObject
            {
                ["header"] = new JsonObject
                {
                    ["template"] = message.IsBad ? "red" : message.IsGood ? "green" : "blue",
                    ["title"] = new JsonObject { ["tag"] = "plain_text", ["content"] = message.Title },
                },
                ["elements"] = elements,
            },
        };
    }

    public static JsonObject Slack(DeploymentMessage message)
    {
        var text = string.Join("\n", message.Facts.Select(f => $"*{f.Label}:* {SlackText(f.Value)}"));
        var blocks = new JsonArray(
            new JsonObject { ["type"] = "section", ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = $"*{SlackText(message.Title)}*\n{text}" } });
        if (message.Link is { } link)
        {
            blocks.Add(new JsonObject
            {
                ["type"] = "actions",
                ["elements"] = new JsonArray(new JsonObject
                {
                    ["type"] = "button",
                    ["text"] = new JsonObject { ["type"] = "plain_text", ["text"] = message.Say("Open") },
                    ["url"] = link,
                }),
            });
        }

        // The text is what a notification on a phone shows; the blocks are what the channel shows.
        return new JsonObject { ["text"] = SlackText(message.Title), ["blocks"] = blocks };
    }

    public static JsonObject Teams(DeploymentMessage message)
    {
        var card = new JsonObject
        {
            ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json",
            ["type"] = "AdaptiveCard",
            ["version"] = "1.4",
            ["body"] = new JsonArray(
                new JsonObject
                {
                    ["type"] = "TextBlock",
                    ["text"] = Plain(message.Title),
                    ["weight"] = "bolder",
                    ["size"] = "medium",
                    ["wrap"] = true,
                    ["color"] = message.IsBad ? "attention" : message.IsGood ? "good" : "default",
                },
                new JsonObject
                {
                    ["type"] = "FactSet",
                    ["facts"] = new JsonArray([.. message.Facts.Select(f => new JsonObject { ["title"] = f.Label, ["value"] = Plain(f.Value) })]),
                }),
        };
        if (message.Link is { } link)
        {
            card["actions"] = new JsonArray(new JsonObject { ["type"] = "Action.OpenUrl", ["title"] = message.Say("Open"), ["url"] = link });
        }

        return new JsonObject
        {
            ["type"] = "message",
            ["attachments"] = new JsonArray(new JsonObject { ["contentType"] = "application/vnd.microsoft.card.adaptive", ["contentUrl"] = null, ["content"] = card }),
        };
    }

    public static JsonObject Webhook(DeploymentMessage message) => new()
    {
        ["type"] = message.Deployment is null ? message.Event : $"deployment.{message.Event}",
        ["timestamp"] = message.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        ["data"] = new JsonObject
        {
            ["deployment"] = message.Deployment,
            ["project"] = message.Project,
            ["environment"] = message.Environment,
            ["status"] = message.Event,
            ["requestedBy"] = message.RequestedBy,
            ["release"] = message.Release,
            ["commit"] = message.CommitSha is null ? null : new JsonObject { ["sha"] = message.CommitSha, ["message"] = message.CommitMessage },
            ["durationSeconds"] = message.Duration is { } duration ? (long)duration.TotalSeconds : null,
            ["error"] = message.PlainError,
            ["url"] = message.Link,
        },
    };

    private static string Open(DeploymentMessage message, string before) => message.Link is { } link ? $"{before}[{message.Say("Open")}]({link})" : "";

    // The dialects of Markdown differ in how they escape, so what could begin a mark becomes a letter that looks alike.
    private static string Plain(string text) =>
        text.Replace('[', '［').Replace(']', '］').Replace('<', '‹').Replace('>', '›').Replace('`', 'ˋ').Replace('*', '∗').Replace('~', '∼');

    // api.slack.com, "Escaping text": these three and nothing else.
    private static string SlackText(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace('*', '∗').Replace('`', 'ˋ');
}
