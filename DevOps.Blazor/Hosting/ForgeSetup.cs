using DevOps.Blazor.Access;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication.OAuth;

namespace DevOps.Blazor.Hosting;

/// <summary>Signing in through forges (OAuth 2 with PKCE and state). A forge is off until it has a client id.</summary>
public static class ForgeSetup
{
    /// <summary>Adds the configured forges; refuses what cannot work, naming the setting.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot be used.</exception>
    public static IServiceCollection AddDevOpsForges(this IServiceCollection services, IConfiguration configuration)
    {
        var forges = new List<(Forge, ForgeOptions)>();
        foreach (var forge in Forge.All)
        {
            var section = configuration.GetSection($"{ForgeOptions.Section}:{forge.Name}");
            var options = new ForgeOptions();
            section.Bind(options);
            if (options.ClientId.Length == 0)
            {
                continue;
            }

            Check(forge, options, section);
            forges.Add((forge, options));
            services.AddAuthentication().AddOAuth(forge.Name, forge.Title, oauth => Configure(oauth, forge, options));
        }

        services.AddSingleton<ForgeDoor>();
        return services.AddSingleton(new Forges(forges));
    }

    private static void Configure(OAuthOptions oauth, Forge forge, ForgeOptions options)
    {
        oauth.ClientId = options.ClientId;
        oauth.ClientSecret = options.ClientSecret;
        oauth.AuthorizationEndpoint = forge.BaseUrl(options) + forge.AuthorizePath;
        oauth.TokenEndpoint = forge.BaseUrl(options) + forge.TokenPath;
        oauth.CallbackPath = forge.CallbackPath;
        oauth.SignInScheme = SignInSetup.Cookie;
        oauth.EventsType = typeof(ForgeDoor);
        oauth.UsePkce = true;
        oauth.SaveTokens = false;
        oauth.BackchannelTimeout = TimeSpan.FromSeconds(options.TimeoutSeconds);
        oauth.CorrelationCookie.Name = "devops.forge.";
        oauth.CorrelationCookie.SameSite = SameSiteMode.Lax;
        oauth.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        foreach (var scope in forge.Scopes)
        {
            oauth.Scope.Add(scope);
        }
    }

    private static void Check(Forge forge, ForgeOptions options, IConfigurationSection section)
    {
        var path = section.Path;

        // The binder leaves out what it cannot read: a rule that is not there would be noticed at the first sign-in only.
        if (section.GetSection(nameof(ForgeOptions.RoleMap)).GetChildren().FirstOrDefault(rule => !Enum.TryParse<Role>(rule.Value, ignoreCase: true, out var role) || role == Role.None) is { } wrong)
        {
            throw new InvalidOperationException($"{wrong.Path} is '{wrong.Value}'; use viewer, deployer, maintainer or admin.");
        }

        if (options.ClientSecret.Length == 0)
        {
            throw new InvalidOperationException($"{path}:ClientSecret is empty. Take it from the application registered at {forge.Title}, or empty {path}:ClientId to turn this sign-in off.");
        }

        if (!Uri.TryCreate(forge.BaseUrl(options), UriKind.Absolute, out var address) || (address.Scheme is not "https" && !address.IsLoopback))
        {
            throw new InvalidOperationException($"{path}:BaseUrl is '{options.BaseUrl}'; give the address of the forge, beginning with https://.");
        }

        if (options.TimeoutSeconds is < 1 or > 60)
        {
            throw new InvalidOperationException($"{path}:TimeoutSeconds is {options.TimeoutSeconds}; use a whole number from 1 to 60.");
        }
    }
}
