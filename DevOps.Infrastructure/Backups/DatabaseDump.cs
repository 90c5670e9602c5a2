using System.Globalization;
using DevOps.Infrastructure.Hosting;
using DevOps.Infrastructure.Settings;
using Npgsql;

namespace DevOps.Infrastructure.Backups;

/// <summary>Writes the database into a file of <c>data/backups</c> with <c>pg_dump</c>, in its custom format, and keeps the newest ones.</summary>
public sealed class DatabaseDump(BackupSource source, PlatformOptions platform, SettingsReader settings, TimeProvider time)
{
    private const string Pattern = "devops-*.dump";
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2);

    /// <summary>The backups there are, newest first.</summary>
    public IReadOnlyList<FileInfo> Files => [.. new DirectoryInfo(platform.Folder("backups")).GetFiles(Pattern).OrderByDescending(f => f.Name, StringComparer.Ordinal)];

    /// <summary>Makes a backup and removes those beyond the number that is kept.</summary>
    /// <exception cref="InvalidOperationException"><c>pg_dump</c> is not there or did not succeed; the message says why.</exception>
    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        var program = PgDump.Find() ?? throw new InvalidOperationException("pg_dump was not found. Install the package postgresql-client of the server's version.");
        var folder = platform.Folder("backups");
        var name = time.GetUtcNow().UtcDateTime.ToString("'devops-'yyyyMMdd'T'HHmmss'Z.dump'", CultureInfo.InvariantCulture);
        var part = Path.Combine(folder, name + ".part");
        try
        {
            await File.WriteAllBytesAsync(part, [], cancellationToken);
            File.SetUnixFileMode(part, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await LocalProcess.RunAsync([program, "--format=custom", "--no-owner", "--no-privileges", "--file", part], Patience, cancellationToken, PgDump.Environment(source.ConnectionString));
            File.Move(part, Path.Combine(folder, name), overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }

        foreach (var old in Files.Skip((await settings.ReadAsync(cancellationToken)).Backup.Keep))
        {
            old.Delete();
        }
    }
}

/// <summary>The database that is backed up.</summary>
/// <param name="ConnectionString">With the password.</param>
public sealed record BackupSource(string ConnectionString)
{
    /// <summary>Prints without the password.</summary>
    public override string ToString() => new NpgsqlConnectionStringBuilder(ConnectionString).Database ?? "";
}
