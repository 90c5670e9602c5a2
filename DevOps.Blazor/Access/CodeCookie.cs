using System.Security.Cryptography;
using System.Text.Json;
using DevOps.Infrastructure.Access;
using Microsoft.AspNetCore.DataProtection;

namespace DevOps.Blazor.Access;

/// <summary>What the browser keeps between the two steps of signing in.</summary>
/// <param name="SignIn">Who showed the first factor.</param>
/// <param name="Stay">Whether the session shall outlive the browser.</param>
public sealed record FirstStep(PendingSignIn SignIn, bool Stay);

/// <summary>Carries the first step to the second in a sealed cookie that lives a few minutes and is no session.</summary>
public sealed class CodeCookie(IDataProtectionProvider protection)
{
    private const string Name = "devops.code";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("sign-in-code").ToTimeLimitedDataProtector();

    /// <summary>Writes the cookie.</summary>
    public void Write(HttpContext context, FirstStep step) =>
        context.Response.Cookies.Append(Name, _protector.Protect(JsonSerializer.Serialize(step), Lifetime), Options(context));

    /// <summary>Reads it; null when there is none or it is too old.</summary>
    public FirstStep? Read(HttpContext context)
    {
        try
        {
            return context.Request.Cookies[Name] is { Length: > 0 } text ? JsonSerializer.Deserialize<FirstStep>(_protector.Unprotect(text)) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Removes it.</summary>
    public static void Clear(HttpContext context) => context.Response.Cookies.Delete(Name, Options(context));

    private static CookieOptions Options(HttpContext context) =>
        new() { HttpOnly = true, Secure = context.Request.IsHttps, SameSite = SameSiteMode.Lax, Path = AppUrls.SignIn, IsEssential = true };
}
