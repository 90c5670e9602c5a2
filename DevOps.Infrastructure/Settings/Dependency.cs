using System.Reflection;

namespace DevOps.Infrastructure.Settings;

/// <summary>Something the platform is built on.</summary>
/// <param name="Name">Name of the package or font.</param>
/// <param name="Licence">SPDX identifier.</param>
/// <param name="Assembly">Assembly that knows the version; null for what is none.</param>
public sealed record Dependency(string Name, string Licence, string? Assembly = null)
{
    /// <summary>Everything that is shipped with the platform.</summary>
    public static IReadOnlyList<Dependency> All { get; } =
    [
        new(".NET", "MIT", "System.Private.CoreLib"),
        new("ASP.NET Core", "MIT", "Microsoft.AspNetCore"),
        new("Entity Framework Core", "MIT", "Microsoft.EntityFrameworkCore"),
        new("Inter", "OFL-1.1"),
        new("Material Symbols", "Apache-2.0"),
        new("Microsoft.IdentityModel", "MIT", "Microsoft.IdentityModel.Protocols.OpenIdConnect"),
        new("Microsoft.OpenApi", "MIT", "Microsoft.OpenApi"),
        new("Npgsql", "PostgreSQL", "Npgsql"),
        new("Quartz.NET", "Apache-2.0", "Quartz"),
        new("Radzen.Blazor", "MIT", "Radzen.Blazor"),
        new("Serilog", "Apache-2.0", "Serilog"),
        new("Swashbuckle SwaggerUI", "MIT", "Swashbuckle.AspNetCore.SwaggerUI"),
        new("YamlDotNet", "MIT", "YamlDotNet"),
    ];

    /// <summary>The version that runs, or null where there is none to know.</summary>
    public string? Version => Assembly is null ? null : VersionOf(System.Reflection.Assembly.Load(Assembly));

    /// <summary>Version of the platform itself.</summary>
    public static string Platform => VersionOf(typeof(Dependency).Assembly);

    // Without the commit that builds add after a plus sign.
    private static string VersionOf(Assembly assembly) =>
        (assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "").Split('+')[0];
}
