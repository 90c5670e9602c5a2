using System.Globalization;
using Npgsql;

namespace DevOps.Infrastructure.Backups;

/// <summary>Where <c>pg_dump</c> is, and how it is told which database to read: by its environment, so that no password stands in an argument.</summary>
internal static class PgDump
{
    private const string Debian = "/usr/lib/postgresql";

    /// <summary>The newest one, or null when there is none.</summary>
    public static string? Find()
    {
        var debian = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0).Select(d => Path.Combine(d, "bin"))
            : [];
        var path = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return debian.Concat(path).Select(d => Path.Combine(d, "pg_dump")).FirstOrDefault(File.Exists);
    }

    /// <summary>The connection as the variables of libpq.</summary>
    public static IReadOnlyDictionary<string, string> Environment(string connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PGHOST"] = connection.Host ?? "",
            ["PGPORT"] = connection.Port.ToString(CultureInfo.InvariantCulture),
            ["PGUSER"] = connection.Username ?? "",
            ["PGPASSWORD"] = connection.Password ?? "",
            ["PGDATABASE"] = connection.Database ?? "",
            ["PGSSLMODE"] = connection.SslMode switch
            {
                SslMode.VerifyCA => "verify-ca",
                SslMode.VerifyFull => "verify-full",
                var mode => mode.ToString().ToLowerInvariant(),
            },
        };
    }
}
