using System.Globalization;

namespace DevOps.Infrastructure.Ssh;

/// <summary>The private folder of this process for sockets and short-lived keys.</summary>
internal sealed class SshFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly HeldFolder _folder;
    private int _count;

    public SshFolder(string? parent)
    {
        parent ??= Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 and < 40 } runtime && Directory.Exists(runtime) ? runtime : "/tmp";
        _folder = HeldFolder.Make(parent, "devops-ssh-");
    }

    /// <summary>Makes an empty folder for one connection.</summary>
    public string Next()
    {
        var path = Path.Combine(_folder.Path, Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture));
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

    public void Dispose() => _folder.Dispose();
}
