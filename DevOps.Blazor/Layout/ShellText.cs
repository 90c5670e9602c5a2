namespace DevOps.Blazor;

/// <summary>Names the texts of the shell and of the kit: <c>Resources/ShellText.resx</c>.</summary>
public sealed class ShellText;
