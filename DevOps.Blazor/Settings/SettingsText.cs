namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/SettingsText.resx</c>.</summary>
public sealed class SettingsText;
