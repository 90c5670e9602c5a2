using System.Globalization;
using DevOps.Infrastructure;

namespace DevOps.Blazor.Hosting;

/// <summary>Reads what is set from outside: the section <c>DevOps</c> of the configuration, and over it the variables of <c>start.sh</c>.</summary>
public static class PlatformSetup
{
    private const string DefaultPort = "8080";
    private const string DefaultBind = "127.0.0.1";

    /// <summary>Reads the options; refuses with every fault at once.</summary>
    /// <exception cref="InvalidOperationException">A value cannot be used.</exception>
    public static PlatformOptions AddDevOpsPlatform(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var faults = new List<string>();
        var options = configuration.GetSection(PlatformOptions.Section).Get<PlatformOptions>() ?? new PlatformOptions();
        options.DataFolder = Path.GetFullPath(Value("DEVOPS_DATA", options.DataFolder.Length == 0 ? "data" : options.DataFolder));
        options.Roles = Value("DEVOPS_ROLES", options.Roles);
        options.MasterKey = Value("DEVOPS_MASTER_KEY", options.MasterKey);
        options.AdminUser = Value("DEVOPS_ADMIN_USER", options.AdminUser);
        options.AdminPassword = Value("DEVOPS_ADMIN_PASSWORD", options.AdminPassword);
        options.Runners = Number("DEVOPS_RUNNERS", options.Runners, 0, 1000);
        options.AllowFileRepositories = Flag("DEVOPS_ALLOW_FILE_REPOSITORIES", options.AllowFileRepositories);
        var port = Number("DEVOPS_PORT", int.Parse(DefaultPort, CultureInfo.InvariantCulture), 0, 65535);
        if (!options.IsWeb && !options.IsWorker)
        {
            faults.Add($"DEVOPS_ROLES is '{options.Roles}'; use web, worker, or both with a comma.");
        }

        if (options.AdminUser.Length > 0 != options.AdminPassword.Length > 0)
        {
            faults.Add("Set DEVOPS_ADMIN_USER and DEVOPS_ADMIN_PASSWORD together, or neither.");
        }

        if (faults.Count > 0)
        {
            throw new InvalidOperationException(string.Join(Environment.NewLine, faults));
        }

        if (string.IsNullOrEmpty(configuration["urls"]))
        {
            builder.WebHost.UseUrls($"http://{Value("DEVOPS_BIND", DefaultBind)}:{port.ToString(CultureInfo.InvariantCulture)}");
        }

        builder.Services.AddSingleton(options);
        return options;

        string Value(string name, string otherwise) => configuration[name] is { Length: > 0 } value ? value : otherwise;

        int Number(string name, int otherwise, int least, int most)
        {
            var text = Value(name, otherwise.ToString(CultureInfo.InvariantCulture));
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }

            faults.Add($"{name} is '{text}'; use a whole number from {least} to {most}.");
            return otherwise;
        }

        bool Flag(string name, bool otherwise)
        {
            var text = Value(name, otherwise ? "true" : "false");
            if (bool.TryParse(text, out var flag))
            {
                return flag;
            }

            faults.Add($"{name} is '{text}'; use true or false.");
            return otherwise;
        }
    }
}
