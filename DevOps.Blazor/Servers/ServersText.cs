namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/ServersText.resx</c>.</summary>
public sealed class ServersText;
