namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/SchedulesText.resx</c>.</summary>
public sealed class SchedulesText;
