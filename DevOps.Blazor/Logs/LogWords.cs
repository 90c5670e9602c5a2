namespace DevOps.Blazor;

/// <summary>Names the texts of the log: <c>Resources/LogWords.resx</c>.</summary>
public sealed class LogWords;
