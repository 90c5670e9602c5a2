namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/ApplicationsText.resx</c>.</summary>
public sealed class ApplicationsText;
