namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/WebhooksText.resx</c>.</summary>
public sealed class WebhooksText;
