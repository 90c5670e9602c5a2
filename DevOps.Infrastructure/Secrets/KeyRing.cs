using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace DevOps.Infrastructure.Secrets;

/// <summary>The keys that secrets are encrypted with. The first seals; all of them open, so that a key can be replaced while old values are still there.</summary>
public sealed class KeyRing
{
    /// <summary>Length of a key, in bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>Length of a key's id, in bytes.</summary>
    public const int IdLength = 4;

    private const string FileName = "master.key";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly IReadOnlyList<(byte[] Id, byte[] Key)> _keys;

    private KeyRing(IReadOnlyList<byte[]> keys) => _keys = [.. keys.Select(k => (IdOf(k), k))];

    /// <summary>The key that seals, with its id.</summary>
    internal (byte[] Id, byte[] Key) First => _keys[0];

    /// <summary>Takes the keys from the options, or from the file in the data folder, which is generated once.</summary>
    /// <exception cref="InvalidOperationException">A key is not base64 of 32 bytes.</exception>
    public static KeyRing Load(PlatformOptions options)
    {
        if (options.MasterKey.Length > 0)
        {
            return Parse(options.MasterKey, "DEVOPS_MASTER_KEY (DevOps:MasterKey)");
        }

        var path = Path.Combine(options.Folder("keys"), FileName);
        if (!File.Exists(path))
        {
            Generate(path);
        }

        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>The key with an id, or null when it is not on the ring.</summary>
    internal byte[]? Find(ReadOnlySpan<byte> id)
    {
        foreach (var (keyId, key) in _keys)
        {
            if (id.SequenceEqual(keyId))
            {
                return key;
            }
        }

        return null;
    }

    // The id says which key, not what it is: a hash under a label of its own, cut short.
    private static byte[] IdOf(byte[] key) => HMACSHA256.HashData(key, "devops key id"u8)[..IdLength];

    private static KeyRing Parse(string text, string source)
    {
        var parts = text.Split([',', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var keys = new List<byte[]>(parts.Length);
        foreach (var part in parts)
        {
            var key = new byte[KeyLength];
            if (!Convert.TryFromBase64String(part, key, out var length) || length != KeyLength)
            {
                throw new InvalidOperationException($"{source} must hold base64 of exactly {KeyLength} bytes. Make one with: openssl rand -base64 {KeyLength}");
            }

            keys.Add(key);
        }

        return keys.Count > 0
            ? new KeyRing(keys)
            : throw new InvalidOperationException($"{source} is empty. Restore the key that the stored secrets were encrypted with; without it they cannot be read.");
    }

    // Written aside and then given its name by a link, which never replaces (a move that first looks can): of two processes that start at once, both go on with the same key.
    private static void Generate(string path)
    {
        var draft = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        try
        {
            using (var file = new FileStream(draft, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyLength)) + "\n"));
                file.Flush(flushToDisk: true);
            }

            if (Link(draft, path) != 0 && !File.Exists(path))
            {
                throw new IOException($"{path} could not be made (error {Marshal.GetLastPInvokeError()}). The data folder must be on a file system with hard links, or set DEVOPS_MASTER_KEY.");
            }
        }
        finally
        {
            File.Delete(draft);
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Link(string existing, string name);
}
