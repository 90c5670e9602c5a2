namespace DevOps.Blazor.Layout;

/// <summary>A line of the palette: somewhere to go.</summary>
/// <param name="Icon">Name of the icon.</param>
/// <param name="Title">What it is.</param>
/// <param name="Url">Where it leads.</param>
/// <param name="Detail">A word or two beside it.</param>
public sealed record PaletteItem(string Icon, string Title, string Url, string? Detail = null);
