namespace DevOps.Blazor;

/// <summary>Names the texts of signing in, first setup and the own account: <c>Resources/AccessText.resx</c>.</summary>
public sealed class AccessText;
