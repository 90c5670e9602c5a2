namespace DevOps.Core.Notifications.Messages;

/// <summary>What is posted to a channel's address.</summary>
/// <param name="Url">The address with what the service wants in its query.</param>
/// <param name="Body">JSON.</param>
/// <param name="Headers">Headers besides the content type.</param>
public sealed record ChannelRequest(Uri Url, string Body, IReadOnlyList<KeyValuePair<string, string>> Headers);
