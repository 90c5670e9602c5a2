using System.Globalization;
using DevOps.Blazor.Access;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;

namespace DevOps.Blazor.Hosting;

/// <summary>Cookie for pages, bearer token for the API.</summary>
public static class SignInSetup
{
    /// <summary>Name of the scheme of pages.</summary>
    public const string Cookie = CookieAuthenticationDefaults.AuthenticationScheme;

    /// <summary>Name of the scheme, and of the policy, of the API.</summary>
    public const string Api = "Api";

    /// <summary>Adds sign-in for pages and API.</summary>
    public static IServiceCollection AddDevOpsSignIn(this IServiceCollection services)
    {
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<SessionCookie>();
        services.AddSingleton<OpenAnswers>();
        services.AddHostedService(provider => provider.GetRequiredService<OpenAnswers>());
        services.AddSingleton<CodeCookie>();
        services.AddScoped<CircuitActor>();
        services.AddScoped<OpenCircuit>();
        services.AddScoped<CircuitHandler>(provider => provider.GetRequiredService<OpenCircuit>());
        services.AddScoped<RefusalWitness>();
        services.AddScoped<AuthenticationStateProvider, RevalidatingSignIn>();
        services.AddCascadingAuthenticationState();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "devops.form";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddAuthentication(Cookie)
            .AddCookie(Cookie, ConfigureCookie)
            .AddJwtBearer()
            .AddScheme<AuthenticationSchemeOptions, PersonalTokenHandler>(PersonalTokenHandler.Name, null)
            .AddPolicyScheme(Api, null, ConfigureApi);
        services.AddOptions<CookieAuthenticationOptions>(Cookie)
            .Configure<IOptions<AccessOptions>>((cookie, access) => cookie.ExpireTimeSpan = TimeSpan.FromSeconds(access.Value.SessionSeconds));
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<SigningKeys, TimeProvider>(BearerSetup.Configure);
        services.AddAuthorizationBuilder()
            .AddPolicy(Api, policy => policy.AddAuthenticationSchemes(Api).RequireAuthenticatedUser());
        return services;
    }

    private static void ConfigureCookie(CookieAuthenticationOptions options)
    {
        options.Cookie.Name = "devops.session";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.SlidingExpiration = true;
        options.LoginPath = "/login";
        options.LogoutPath = "/logout";
        options.AccessDeniedPath = "/login";
        options.ReturnUrlParameter = "returnUrl";
        options.EventsType = typeof(SessionCookie);
    }

    // The cookie is good on methods that change nothing; for everything else a token is asked for, so that no other site can act with the cookie.
    private static void ConfigureApi(PolicySchemeOptions options)
    {
        options.ForwardDefaultSelector = context => context.Request switch
        {
            var request when PersonalTokenHandler.Concerns(request) => PersonalTokenHandler.Name,
            var request when !request.Headers.ContainsKey("Authorization") && IsSafe(request.Method) => Cookie,
            _ => JwtBearerDefaults.AuthenticationScheme,
        };
        options.ForwardChallenge = JwtBearerDefaults.AuthenticationScheme;
        options.ForwardForbid = JwtBearerDefaults.AuthenticationScheme;
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    /// <summary>The address a request came from, in the form of the audit log.</summary>
    public static string Address(this HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        return address is null ? "unknown" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }

    /// <summary>Whole seconds from now until a time, at least 1, as <c>Retry-After</c> wants them.</summary>
    public static string SecondsUntil(this TimeProvider time, DateTimeOffset until) =>
        Math.Max(1, (int)Math.Ceiling((until - time.GetUtcNow()).TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
