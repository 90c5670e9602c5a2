namespace DevOps.Blazor.Layout;

/// <summary>The chosen look. Read while the page is written, so that it never flashes in the other one; written by the browser.</summary>
public static class ThemeCookie
{
    private const string System = "system";

    /// <summary>What can be chosen, with the icon of each.</summary>
    public static IReadOnlyList<(string Name, string Icon)> All { get; } = [("light", "light_mode"), ("dark", "dark_mode"), (System, "contrast")];

    /// <summary>The choice a request brings along, or the system's.</summary>
    public static string Read(HttpContext context) =>
        context.Request.Cookies["theme"] is { } chosen && All.Any(t => string.Equals(t.Name, chosen, StringComparison.Ordinal)) ? chosen : System;
}
