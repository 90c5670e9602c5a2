using DevOps.Core.Refusals;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Access;

namespace DevOps.Blazor.Access;

/// <summary>At start without an account: makes the administrator the environment names, or prints the one-time link.</summary>
public static class FirstAdministrator
{
    /// <summary>Sees to it that somebody can sign in. Call it once the server listens.</summary>
    /// <exception cref="InvalidOperationException">What the environment names cannot be accepted.</exception>
    public static async Task WelcomeFirstAdministratorAsync(this WebApplication app, CancellationToken cancellationToken = default)
    {
        var options = app.Services.GetRequiredService<PlatformOptions>();
        if (options.AdminUser.Length > 0)
        {
            await CreateAsync(app, options, cancellationToken);
            return;
        }

        if (await app.Services.GetRequiredService<SetupLink>().RenewAsync(cancellationToken) is { } token)
        {
            var address = app.Urls.FirstOrDefault()?.TrimEnd('/') ?? "";
            // Straight to the console: a link that lets an administrator in has no place in log files.
            await Console.Out.WriteLineAsync($"\nNobody can sign in yet. Create the first administrator here (the link works once):\n\n    {address}/setup?token={token}\n".AsMemory(), cancellationToken);
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
