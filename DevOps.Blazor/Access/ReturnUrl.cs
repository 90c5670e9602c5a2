namespace DevOps.Blazor.Access;

/// <summary>Where to go after signing in, or after a form that was opened from elsewhere. The address comes from a link anybody may write, so only pages of ours are taken.</summary>
public static class ReturnUrl
{
    private const int MaxLength = 2000;
    private static readonly Uri Here = new("http://here.invalid/");
    private static readonly string[] NotThere = [AppUrls.SignIn, AppUrls.SignOut, AppUrls.Setup, AppUrls.Invitations];

    /// <summary>The address when it is a page of ours, another one of ours otherwise.</summary>
    public static string Local(string? url, string otherwise = AppUrls.Home) => url is { Length: > 0 and <= MaxLength } && IsLocal(url) && !LeadsBack(url) ? url : otherwise;

    // Browsers drop control characters and read a backslash as a slash, so "/\t/evil" and "/\evil" lead elsewhere.
    private static bool IsLocal(string url) =>
        url[0] == '/'
        && (url.Length == 1 || url[1] != '/')
        && !url.Any(c => c == '\\' || char.IsControl(c))
        && Uri.TryCreate(Here, url, out var target)
        && string.Equals(target.Host, Here.Host, StringComparison.Ordinal);

    private static bool LeadsBack(string url) => Array.Exists(NotThere, page => new PathString(url.Split('?', '#')[0]).StartsWithSegments(page, StringComparison.OrdinalIgnoreCase));
}
