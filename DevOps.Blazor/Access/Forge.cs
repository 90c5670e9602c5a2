using DevOps.Infrastructure.Access;

namespace DevOps.Blazor.Access;

/// <summary>A forge people can sign in through: where its doors are.</summary>
/// <param name="Name">Name of the provider, in addresses and in the configuration.</param>
/// <param name="Title">What people call it.</param>
/// <param name="PublicUrl">The public instance; empty when there is none to assume.</param>
/// <param name="AuthorizePath">Where the browser is sent.</param>
/// <param name="TokenPath">Where the code is changed for a token.</param>
/// <param name="Scopes">What is asked for: who it is and which organisations, nothing of the repositories.</param>
public sealed record Forge(string Name, string Title, string PublicUrl, string AuthorizePath, string TokenPath, IReadOnlyList<string> Scopes)
{
    /// <summary>All that are known.</summary>
    public static IReadOnlyList<Forge> All { get; } =
    [
        new("github", "GitHub", "https://github.com", "/login/oauth/authorize", "/login/oauth/access_token", ["read:user", "read:org"]),
        new("gitlab", "GitLab", "https://gitlab.com", "/oauth/authorize", "/oauth/token", ["openid", "profile"]),
        new("gitea", "Gitea", "", "/login/oauth/authorize", "/login/oauth/access_token", ["read:user", "read:organization"]),
        new("gitee", "Gitee", "https://gitee.com", "/oauth/authorize", "/oauth/token", ["user_info", "groups"]),
    ];

    /// <summary>Where the browser comes back to.</summary>
    public string CallbackPath => $"{AppUrls.SignIn}/{Name}/callback";

    /// <summary>The address of the instance, without a slash at the end.</summary>
    public string BaseUrl(ForgeOptions options) => (options.BaseUrl.Length == 0 ? PublicUrl : options.BaseUrl).TrimEnd('/');
}

/// <summary>The forges that are configured.</summary>
/// <param name="Items">With the rules of each.</param>
public sealed record Forges(IReadOnlyList<(Forge Forge, ForgeOptions Options)> Items)
{
    /// <summary>The rules of a forge.</summary>
    public ForgeOptions Of(string provider) => Items.Single(i => string.Equals(i.Forge.Name, provider, StringComparison.Ordinal)).Options;
}
