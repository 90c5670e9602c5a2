namespace DevOps.Blazor.Ui;

/// <summary>One part of the trail in the header.</summary>
/// <param name="Text">What it is called.</param>
/// <param name="Url">Where it leads; none for the page itself.</param>
public sealed record Crumb(string Text, string? Url = null);
