namespace DevOps.Blazor;

/// <summary>Names the texts of signing in through a forge: <c>Resources/ForgesText.resx</c>.</summary>
public sealed class ForgesText;
