namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/EnvironmentsText.resx</c>.</summary>
public sealed class EnvironmentsText;
