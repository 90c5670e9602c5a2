namespace DevOps.Blazor.Access;

/// <summary>A browser's name for people, out of what it calls itself. A guess for the eye, never a rule.</summary>
public static class BrowserName
{
    private const int MaxLength = 40;

    // Order counts: nearly every browser calls itself Safari, and most of the others Chrome.
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems =
        [("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    /// <summary>Browser and system; null for what cannot be told.</summary>
    public static (string? Browser, string? System) Of(string userAgent) => (Find(Browsers, userAgent) ?? Program(userAgent), Find(Systems, userAgent));

    /// <summary>Name of the icon for the device.</summary>
    public static string Icon(string userAgent) => Find(Systems, userAgent) is "Android" or "iOS" or "iPadOS" ? "smartphone" : "computer";

    private static string? Find((string Mark, string Name)[] table, string userAgent) =>
        Array.Find(table, t => userAgent.Contains(t.Mark, StringComparison.Ordinal)).Name;

    // What is no browser names itself first: "curl/8.5.0".
    private static string? Program(string userAgent)
    {
        var name = userAgent.Split('/', ' ')[0];
        return name.Length is > 0 and <= MaxLength && !name.Any(char.IsControl) ? name : null;
    }
}
