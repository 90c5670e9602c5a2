using System.Security.Cryptography;

namespace DevOps.Infrastructure;

/// <summary>A folder that only its owner may enter, gone with all it holds when disposed. A lock file beside it is held until then: whoever makes the next one removes
/// the folders of those who died. The lock is there before the folder is and goes after it, so that in no moment a killed process leaves behind what nobody removes.</summary>
public sealed class HeldFolder : IDisposable
{
    private const string Lock = ".lock";
    private const int Tries = 5;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileStream _held;

    private HeldFolder(string path)
    {
        Path = path;
        _held = Hold(path + Lock, FileMode.CreateNew);
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch
        {
            _held.Dispose();
            throw;
        }
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes one with a name by chance, and removes those of processes that died.</summary>
    /// <param name="parent">The folder above, which is there.</param>
    /// <param name="prefix">How the names of its kind begin.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static HeldFolder Make(string parent, string prefix)
    {
        RemoveAbandoned(parent, prefix);
        for (var tries = 1; ; tries++)
        {
            try
            {
                return new HeldFolder(System.IO.Path.Combine(parent, prefix + RandomNumberGenerator.GetHexString(8, lowercase: true)));
            }
            catch (IOException) when (tries < Tries)
            {
                // Somebody who looks for abandoned ones had the new lock open before it was held: another name.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _held.Dispose();
    }

    // The file goes when it is closed, while it is still held.
    private static FileStream Hold(string file, FileMode mode) => new(file, new FileStreamOptions
    {
        Mode = mode,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        Options = FileOptions.DeleteOnClose,

        // Who can open it can hold it, and keep what the dead left from being removed.
        UnixCreateMode = mode == FileMode.Open ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private static void RemoveAbandoned(string parent, string prefix)
    {
        foreach (var file in Directory.EnumerateFiles(parent, prefix + "*" + Lock))
        {
            try
            {
                using var free = Hold(file, FileMode.Open);
                var folder = file[..^Lock.Length];
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Held by a living process, another user's, or just removed by its owner: it stays.
            }
        }
    }
}
