namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/NotificationsText.resx</c>.</summary>
public sealed class NotificationsText;
