using System.Runtime.InteropServices;
using System.Text;

namespace DevOps.Infrastructure.Artifacts;

/// <summary>What a path is, without following a link. The base library does not tell a pipe or a device from a file.</summary>
internal readonly record struct FileFacts(FileKind Kind, long Size, bool IsExecutable, ulong Inode, long ModifiedSeconds, uint ModifiedNanoseconds)
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;

    /// <summary>Reads the facts; null when nothing is there under this name.</summary>
    public static FileFacts? Read(string path)
    {
        if (ReadStatus(CurrentFolder, Encoding.UTF8.GetBytes(path + "\0"), NoFollow, BasicStats, out var s) != 0)
        {
            return null;
        }

        return new FileFacts(KindOf(s.Mode), (long)s.Size, (s.Mode & 0x40) != 0, s.Inode, s.ModifiedSeconds, s.ModifiedNanoseconds);
    }

    private static FileKind KindOf(ushort mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.File,
        0x4000 => FileKind.Folder,
        0xA000 => FileKind.Link,
        _ => FileKind.Special,
    };

    // statx has one layout on every architecture, unlike stat.
    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ReadStatus(int folder, byte[] path, int flags, uint mask, out Status status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;
    }
}

/// <summary>Kind of a path.</summary>
internal enum FileKind
{
    File,
    Folder,
    Link,

    /// <summary>Device, pipe or socket.</summary>
    Special,
}
