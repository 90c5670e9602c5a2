namespace DevOps.Blazor;

/// <summary>Names the texts of the second factor: <c>Resources/TwoFactorText.resx</c>.</summary>
public sealed class TwoFactorText;
