using System.Security.Cryptography;
using System.Text;

namespace DevOps.Infrastructure.Hosting;

/// <summary>Where the embedded PostgreSQL can live, and as whom it runs.</summary>
internal static class PostgresPlace
{
    /// <summary>How long one of its programs may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>What goes before a command: PostgreSQL refuses to run as root.</summary>
    public static string[] AsPostgres => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : [];

    /// <summary>The folder itself, or another under a name made from it: root's own folders are closed to the user postgres, and socket paths end at 108 bytes.</summary>
    public static async Task<string> FindAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var full = Path.GetFullPath(folder);
        var asRoot = Environment.IsPrivilegedProcess;
        if (Encoding.UTF8.GetByteCount(full) <= 75 && (!asRoot || await MayEnterAsync(full, cancellationToken)))
        {
            return full;
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..12];
        var parent = asRoot ? "/var/lib" : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/share");
        var elsewhere = Path.Combine(parent, "devops-postgres-" + name);
        Directory.CreateDirectory(elsewhere);
        await File.WriteAllTextAsync(Path.Combine(full, "MOVED"), $"The database lives in {elsewhere}, because PostgreSQL cannot use this folder.\n", cancellationToken);
        return elsewhere;
    }

    private static async Task<bool> MayEnterAsync(string folder, CancellationToken cancellationToken)
    {
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        try
        {
            await LocalProcess.RunAsync([.. AsPostgres, "test", "-x", folder], Patience, cancellationToken);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
