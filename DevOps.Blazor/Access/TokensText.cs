namespace DevOps.Blazor;

/// <summary>Names the texts of personal tokens and sessions: <c>Resources/TokensText.resx</c>.</summary>
public sealed class TokensText;
