using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace DevOps.Infrastructure.Hosting;

/// <summary>A private PostgreSQL made from the installed binaries: own folder, unix socket only, random password.</summary>
/// <remarks>The server is started by <c>pg_ctl</c> in a session of its own, so that Ctrl-C in a terminal reaches this process alone, which then stops it in order.
/// PostgreSQL refuses to run as root; a root caller runs it as the user <c>postgres</c>.</remarks>
public sealed class PostgresCluster
{
    /// <summary>How many connections a process has to it at most.</summary>
    public const int Connections = 60;

    private const string Database = "devops";
    private readonly string _bin;
    private readonly string _root;
    private readonly bool _durable;

    private PostgresCluster(string bin, string root, bool durable)
    {
        _bin = bin;
        _root = root;
        _durable = durable;
    }

    /// <summary>How to reach its database.</summary>
    public string ConnectionString => ConnectionTo(Database);

    private string DataFolder => Path.Combine(_root, "data");

    private string SocketFolder => Path.Combine(_root, "run");

    private string PasswordFile => Path.Combine(_root, "password");

    private string LogFile => Path.Combine(_root, "postgres.log");

    private string ProcessFile => Path.Combine(DataFolder, "postmaster.pid");

    private bool IsMade => File.Exists(Path.Combine(DataFolder, "PG_VERSION")) && File.Exists(Path.Combine(DataFolder, "global", "pg_control"));

    /// <summary>Finds the place of a folder's cluster, which need not be made yet. From then on it is known how to reach its database.</summary>
    /// <param name="folder">Where it lives. When a socket's path would get too long there (108 bytes), or the user <c>postgres</c> cannot enter it, it lives elsewhere under a name made from the folder's.</param>
    /// <param name="durable">False turns off <c>fsync</c>: for tests that throw the cluster away, and for nothing else.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="InvalidOperationException">There are no binaries.</exception>
    public static async Task<PostgresCluster> FindAsync(string folder, bool durable, CancellationToken cancellationToken)
    {
        var bin = FindBinaries() ?? throw new InvalidOperationException(
            "The PostgreSQL server's programs (initdb, pg_ctl, postgres) were not found. Install the package postgresql, or give a connection string in ConnectionStrings__Default.");
        var cluster = new PostgresCluster(bin, await PostgresPlace.FindAsync(folder, cancellationToken), durable);
        if (!cluster.IsMade)
        {
            await cluster.WritePasswordAsync(cancellationToken);
        }

        return cluster;
    }

    /// <summary>Finds the cluster of a folder and starts it.</summary>
    /// <inheritdoc cref="FindAsync" path="/param"/>
    /// <exception cref="InvalidOperationException">There are no binaries, or the server does not start; the message says why.</exception>
    public static async Task<PostgresCluster> StartAsync(string folder, bool durable, CancellationToken cancellationToken)
    {
        var cluster = await FindAsync(folder, durable, cancellationToken);
        await cluster.StartAsync(cancellationToken);
        return cluster;
    }

    /// <summary>Starts the server when it does not run; makes the cluster when there is none, takes over one that still runs. Repeatable.</summary>
    /// <param name="cancellationToken">Ends the wait for the server.</param>
    /// <exception cref="InvalidOperationException">The server does not start; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await MakeAsync(cancellationToken);
        await WriteSettingsAsync(cancellationToken);
        if (!await AnswersAsync(cancellationToken))
        {
            try
            {
                await RunAsync(["pg_ctl", "start", "-w", "-s", "-t", "60", "-D", DataFolder, "-l", LogFile], cancellationToken);
            }
            catch (InvalidOperationException e)
            {
                throw new InvalidOperationException($"PostgreSQL did not start: {e.Message} {TailOfLog()}", e);
            }
        }

        await EnsureDatabaseAsync(cancellationToken);
    }

    /// <summary>Stops the server. Repeatable.</summary>
    /// <param name="immediate">True as in a power cut; the next start recovers.</param>
    /// <param name="cancellationToken">Ends the wait for the server.</param>
    public async Task StopAsync(bool immediate = false, CancellationToken cancellationToken = default)
    {
        if (File.Exists(ProcessFile))
        {
            await RunAsync(["pg_ctl", "stop", "-w", "-s", "-t", "60", "-m", immediate ? "immediate" : "fast", "-D", DataFolder], cancellationToken);
        }
    }

    /// <summary>How to reach another database of the cluster.</summary>
    public string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = SocketFolder,
        Username = "devops",
        Password = File.ReadAllText(PasswordFile),
        Database = database,
        Timeout = 5,
        MaxPoolSize = Connections,
    }.ConnectionString;

    private static string? FindBinaries()
    {
        const string Debian = "/usr/lib/postgresql";
        var installed = Directory.Exists(Debian) ? Directory.GetDirectories(Debian).OrderByDescending(VersionOf).Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return installed.Concat(path).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "pg_ctl")));

        static double VersionOf(string folder) => double.TryParse(Path.GetFileName(folder), NumberStyles.Number, CultureInfo.InvariantCulture, out var version) ? version : 0;
    }

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        if (IsMade)
        {
            return;
        }

        // What stands here without these files was left by an interrupted initdb.
        foreach (var part in new[] { DataFolder, SocketFolder })
        {
            if (Directory.Exists(part))
            {
                Directory.Delete(part, recursive: true);
            }

            Directory.CreateDirectory(part, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        await File.WriteAllTextAsync(LogFile, "", cancellationToken);
        await GiveToPostgresAsync([DataFolder, SocketFolder, PasswordFile, LogFile], cancellationToken);
        await RunAsync(["initdb", "-D", DataFolder, "-U", "devops", "--pwfile", PasswordFile, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", .. _durable ? Array.Empty<string>() : ["--no-sync"]], cancellationToken);
    }

    private async Task WritePasswordAsync(CancellationToken cancellationToken)
    {
        File.Delete(PasswordFile);
        await using var file = new FileStream(PasswordFile, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        await file.WriteAsync(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))), cancellationToken);
    }

    private async Task WriteSettingsAsync(CancellationToken cancellationToken)
    {
        var durable = _durable ? "on" : "off";
        var settings = $"""
            listen_addresses = ''
            unix_socket_directories = '{SocketFolder.Replace("'", "''", StringComparison.Ordinal)}'
            unix_socket_permissions = 0700
            max_connections = 100
            shared_buffers = 64MB
            jit = off
            fsync = {durable}
            full_page_writes = {durable}
            synchronous_commit = {durable}
            log_timezone = 'UTC'
            timezone = 'UTC'

            """;
        var own = Path.Combine(DataFolder, "devops.conf");
        await File.WriteAllTextAsync(own, settings, cancellationToken);
        await GiveToPostgresAsync([own], cancellationToken);

        // The last word wins, so a line at the end of the main file is enough.
        const string Include = "include 'devops.conf'";
        var main = Path.Combine(DataFolder, "postgresql.conf");
        if (!(await File.ReadAllTextAsync(main, cancellationToken)).Contains(Include, StringComparison.Ordinal))
        {
            await File.AppendAllTextAsync(main, Include + "\n", cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(ProcessFile))
        {
            return false;
        }

        try
        {
            await using var connection = new NpgsqlConnection(ConnectionTo("postgres") + ";Pooling=false");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task EnsureDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionTo("postgres") + ";Pooling=false");
        await using var exists = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        exists.Parameters.Add(new NpgsqlParameter { Value = Database });
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var create = source.CreateCommand($"CREATE DATABASE {Database}");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task GiveToPostgresAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess)
        {
            await LocalProcess.RunAsync(["chown", "-R", "postgres:postgres", .. paths], PostgresPlace.Patience, cancellationToken);
        }
    }

    private Task<string> RunAsync(IReadOnlyList<string> words, CancellationToken cancellationToken) =>
        LocalProcess.RunAsync([.. PostgresPlace.AsPostgres, Path.Combine(_bin, words[0]), .. words.Skip(1)], PostgresPlace.Patience, cancellationToken);

    private string TailOfLog() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(10)) : "";
}
