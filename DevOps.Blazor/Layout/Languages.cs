namespace DevOps.Blazor.Layout;

/// <summary>A language the pages speak.</summary>
/// <param name="Culture">Name of the culture, as in the resource files.</param>
/// <param name="Short">How the switch writes it, in the language itself.</param>
/// <param name="Name">Its whole name, in the language itself.</param>
public sealed record Language(string Culture, string Short, string Name);

/// <summary>The languages the pages speak; the first is the default.</summary>
public static class Languages
{
    /// <summary>All of them, in the order of the switch.</summary>
    public static IReadOnlyList<Language> All { get; } = [new("en", "EN", "English"), new("zh-Hans", "中文", "简体中文")];
}
