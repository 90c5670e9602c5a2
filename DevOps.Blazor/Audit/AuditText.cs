namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/AuditText.resx</c>.</summary>
public sealed class AuditText;
