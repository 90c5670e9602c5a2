using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Text;
using System.Text.Json;
using DevOps.Infrastructure.Docker;

namespace DevOps.Tests.Fixtures;

/// <summary>Makes images out of what is on the machine.</summary>
public sealed class DockerImages(DockerConnection connection)
{
    private static readonly SemaphoreSlim OneAtATime = new(1);

    private const UnixFileMode All = (UnixFileMode)0x1ED;

    /// <summary>Whether the engine has an image.</summary>
    public async Task<bool> HasAsync(string image)
    {
        try
        {
            await connection.TellAsync(new EngineCall(HttpMethod.Get, $"/images/{image}/json"), CancellationToken.None);
            return true;
        }
        catch (EngineRefusal refusal) when (refusal.Status is HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>Makes the busybox image under a name, unless the engine has it.</summary>
    public async Task TagAsync(string image, string user)
    {
        await OneAtATime.WaitAsync();
        try
        {
            if (!await HasAsync(image))
            {
                await ImportAsync(image, new StreamContent(await PackBusyboxAsync()), user.Length > 0 ? $"USER {user}" : "");
            }
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>Makes an image from a tar stream of its files.</summary>
    public async Task ImportAsync(string image, HttpContent tar, params string[] changes)
    {
        var name = ImageName.Parse(image);
        var query = string.Concat(changes.Where(c => c.Length > 0).Select(c => $"&changes={Uri.EscapeDataString(c)}"));
        var path = $"/images/create?fromSrc=-&repo={Uri.EscapeDataString(name.Repository)}&tag={Uri.EscapeDataString(name.Tag)}{query}";
        using var answer = await connection.SendAsync(new EngineCall(HttpMethod.Post, path) { Body = tar, Limit = TimeSpan.FromMinutes(10) }, CancellationToken.None);
        var ticks = await answer.Content.ReadAsStringAsync();
        foreach (var tick in ticks.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (JsonSerializer.Deserialize<PullTick>(tick, JsonSerializerOptions.Web) is { Error: { } error })
            {
                throw new InvalidOperationException($"the engine does not take the image {image}: {error}");
            }
        }
    }

    private static async Task<Stream> PackBusyboxAsync()
    {
        string[] places = ["/bin/busybox", "/usr/bin/busybox"];
        var busybox = places.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("busybox is not installed (Debian package busybox-static)");
        var packed = new MemoryStream();
        await using (var tar = new TarWriter(packed, TarEntryFormat.Gnu, leaveOpen: true))
        {
            foreach (var folder in new[] { "bin", "etc", "home", "home/app", "proc", "sys", "dev" })
            {
                await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.Directory, folder) { Mode = All });
            }

            await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.Directory, "tmp") { Mode = (UnixFileMode)0x3FF });
            await WriteAsync(tar, "bin/busybox", await File.ReadAllBytesAsync(busybox), All);
            await WriteAsync(tar, "etc/passwd", Encoding.ASCII.GetBytes("root:x:0:0::/:/bin/sh\napp:x:1234:2345::/home/app:/bin/sh\n"), (UnixFileMode)0x1A4);
            await WriteAsync(tar, "etc/group", Encoding.ASCII.GetBytes("root:x:0:\napp:x:2345:\n"), (UnixFileMode)0x1A4);
            foreach (var applet in (await ListAppletsAsync(busybox)).Where(a => a is not "busybox"))
            {
                await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
            }
        }

        packed.Position = 0;
        return packed;
    }

    private static async Task WriteAsync(TarWriter tar, string name, byte[] content, UnixFileMode mode)
    {
        using var data = new MemoryStream(content);
        await tar.WriteEntryAsync(new GnuTarEntry(TarEntryType.RegularFile, name) { Mode = mode, DataStream = data });
    }

    private static async Task<string[]> ListAppletsAsync(string busybox)
    {
        using var process = Process.Start(new ProcessStartInfo(busybox, ["--list"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
