using System.Globalization;

namespace DevOps.Infrastructure.Ssh;

/// <summary>The private folder of this process for sockets and short-lived keys. It is held by a lock that ends with the process:
/// a folder whose lock is free belongs to a process that died, and is removed.</summary>
internal sealed class SshFolder : IDisposable
{
    private const string Prefix = "devops-ssh-";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream _lock;
    private int _count;

    public SshFolder(string? parent)
    {
        parent ??= Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 and < 40 } runtime && Directory.Exists(runtime) ? runtime : "/tmp";
        Sweep(parent);
        Path = System.IO.Path.Combine(parent, Prefix + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(Path, OwnerOnly);
        _lock = new FileStream(System.IO.Path.Combine(Path, "lock"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public string Path { get; }

    /// <summary>Makes an empty folder for one connection.</summary>
    public string Next()
    {
        var path = System.IO.Path.Combine(Path, Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(path, OwnerOnly);
        return path;
    }

    /// <summary>Writes a file that only its owner can read, or run.</summary>
    public static void Write(string path, string content, bool executable = false)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = executable ? OwnerOnly : UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using var writer = new StreamWriter(path, options);
        writer.Write(content);
    }

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _lock.Dispose();
    }

    private static void Sweep(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            try
            {
                var file = System.IO.Path.Combine(folder, "lock");
                if (File.Exists(file))
                {
                    using var free = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Held by a living process, or another user's: it stays.
                continue;
            }
        }
    }
}
