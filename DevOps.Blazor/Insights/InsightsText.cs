namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/InsightsText.resx</c>.</summary>
public sealed class InsightsText;
