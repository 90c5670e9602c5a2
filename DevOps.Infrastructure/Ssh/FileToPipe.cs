using System.IO.Pipes;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Moves bytes of a file into a pipe inside the kernel, by splice(2): none of them is copied through this process.</summary>
internal sealed class FileToPipe
{
    private const int SetSize = 1031;
    private const int Roomy = 1 << 20;
    private const uint DoNotWait = 2;
    private const int TryAgain = 11;

    private readonly SafeFileHandle _file;
    private readonly SafePipeHandle _pipe;

    private FileToPipe(SafeFileHandle file, SafePipeHandle pipe)
    {
        (_file, _pipe) = (file, pipe);

        // The reader goes on for a while before we are needed again. Where that is not allowed the pipe stays as it is.
        _ = Control(pipe, SetSize, Roomy);
    }

    /// <summary>Whether the file system can do it, as far as is known.</summary>
    public bool Works { get; private set; } = true;

    /// <summary>Makes one where the streams are a file and a pipe; null where they are anything else.</summary>
    public static FileToPipe? Between(Stream source, Stream target) =>
        source is FileStream file && target is PipeStream pipe ? new FileToPipe(file.SafeFileHandle, pipe.SafePipeHandle) : null;

    /// <summary>Moves what there is room for now, and does not wait.</summary>
    /// <param name="offset">Where in the file to begin; counts on.</param>
    /// <param name="length">How many bytes at most.</param>
    /// <returns>How many were moved: 0 when the pipe is full, the file ends, or the file system cannot do it.</returns>
    public long Move(ref long offset, long length)
    {
        if (!Works)
        {
            return 0;
        }

        var moved = Splice(_file, ref offset, _pipe, 0, (nuint)length, DoNotWait);
        if (moved >= 0)
        {
            return moved;
        }

        Works = Marshal.GetLastPInvokeError() == TryAgain;
        return 0;
    }

    [DllImport("libc", EntryPoint = "splice", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Splice(SafeFileHandle from, ref long fromOffset, SafePipeHandle to, nint toOffset, nuint length, uint flags);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(SafePipeHandle pipe, int command, int value);
}
