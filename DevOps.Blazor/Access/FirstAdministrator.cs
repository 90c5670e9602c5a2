using DevOps.Core.Refusals;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Access;

namespace DevOps.Blazor.Access;

/// <summary>At start without an account: makes the administrator the environment names, or prints the one-time link.</summary>
public static class FirstAdministrator
{
    /// <summary>Sees to it that somebody can sign in. Call it before the server listens.</summary>
    /// <returns>The token of the one-time link, when one is needed.</returns>
    /// <exception cref="InvalidOperationException">What the environment names cannot be accepted.</exception>
    public static async Task<string?> WelcomeFirstAdministratorAsync(this WebApplication app, CancellationToken cancellationToken = default)
    {
        var options = app.Services.GetRequiredService<PlatformOptions>();
        if (options.AdminUser.Length == 0)
        {
            return await app.Services.GetRequiredService<SetupLink>().RenewAsync(cancellationToken);
        }

        await CreateAsync(app, options, cancellationToken);
        return null;
    }

    /// <summary>Prints the one-time link, once the address is known.</summary>
    public static async Task PrintSetupLinkAsync(this WebApplication app, string? token)
    {
        if (token is not null)
        {
            // Bound to every address, the server names none that a browser could open.
            var address = (app.Urls.FirstOrDefault()?.TrimEnd('/') ?? "")
                .Replace("//0.0.0.0", "//localhost", StringComparison.Ordinal).Replace("//[::]", "//localhost", StringComparison.Ordinal);
            // Straight to the console: a link that lets an administrator in has no place in log files.
            await Console.Out.WriteLineAsync($"\nNobody can sign in yet. Create the first administrator here (the link works once):\n\n    {address}{AppUrls.Setup}?token={token}\n");
        }
    }

    private static async Task CreateAsync(WebApplication app, PlatformOptions options, CancellationToken cancellationToken)
    {
        try
        {
            if (await app.Services.GetRequiredService<CreateFirstAdministrator>().FromEnvironmentAsync(options.AdminUser, options.AdminPassword, cancellationToken))
            {
                app.Logger.LogInformation("Created the administrator {User} from the environment", options.AdminUser);
            }
        }
        catch (InvalidInput refused)
        {
            var why = string.Join(' ', refused.Errors.SelectMany(e => e.Value.Select(text => $"{(e.Key is "password" ? "DEVOPS_ADMIN_PASSWORD" : "DEVOPS_ADMIN_USER")}: {text}")));
            throw new InvalidOperationException(why, refused);
        }
    }
}
