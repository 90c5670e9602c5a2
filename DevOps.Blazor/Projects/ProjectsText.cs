namespace DevOps.Blazor;

/// <summary>Names the texts of the room: <c>Resources/ProjectsText.resx</c>.</summary>
public sealed class ProjectsText;
