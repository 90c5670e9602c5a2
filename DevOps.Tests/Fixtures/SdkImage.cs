using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DevOps.Tests.Fixtures;

/// <summary>An image with the machine's .NET SDK and the NuGet packages that this repository's host is built from.</summary>
public static class SdkImage
{
    private const string Name = "devops-test/dotnet-sdk";

    // Packages go in by a mirror that this machine uses itself; what is large and already here is appended instead of fetched.
    private const string Recipe = """
        set -eu
        target=$1; sdk=$2; packages=$3; list=$4
        . /etc/os-release
        mirror=$(awk '$1 == "URIs:" && $2 !~ /security/ { print $2; exit } $1 == "deb" && $2 ~ /^http/ && $2 !~ /security/ { print $2; exit }' \
          /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null)
        icu=$(apt-cache search --names-only '^libicu[0-9]+$' | sort | tail -n 1 | cut -d ' ' -f 1)
        root=$(mktemp -d)
        trap 'rm -rf "$root" "$target.$$"' EXIT
        debootstrap --variant=minbase --include="ca-certificates,git,$icu" "$VERSION_CODENAME" "$root" "$mirror" 1>&2
        rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale
        tar -cf "$target.$$" --numeric-owner --exclude='./dev/*' -C "$root" .
        tar -rf "$target.$$" --numeric-owner --owner=0 --group=0 --transform='s,^\.,./usr/share/dotnet,' -C "$sdk" .
        tar -rf "$target.$$" --numeric-owner --owner=0 --group=0 --transform='s,^,./root/.nuget/packages/,' -C "$packages" -T "$list"
        chown "$5" "$target.$$"
        mv "$target.$$" "$target"
        """;

    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>Makes the image, unless the engine has it.</summary>
    public static async Task<string> EnsureAsync(DockerImages images)
    {
        var (folder, packages) = ReadPackages();
        var sdk = await FindSdkAsync();
        var image = $"{Name}:{Fingerprint([.. packages, sdk.Version, Recipe])}";
        await OneAtATime.WaitAsync();
        try
        {
            if (!await images.HasAsync(image))
            {
                var file = await PackAsync(image.Split(':')[1], sdk.Folder, folder, packages);
                await using var content = File.OpenRead(file);
                await images.ImportAsync(
                    image,
                    new StreamContent(content, 1 << 17),
                    "ENV PATH=/usr/share/dotnet:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DOTNET_ROOT=/usr/share/dotnet DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 LANG=C.UTF-8");
            }
        }
        finally
        {
            OneAtATime.Release();
        }

        return image;
    }

    private static async Task<string> PackAsync(string fingerprint, string sdk, string packagesFolder, IReadOnlyList<string> packages)
    {
        var folder = CacheFolder();
        var file = Path.Combine(folder, $"sdk-{fingerprint}.tar");
        if (File.Exists(file))
        {
            return file;
        }

        foreach (var old in Directory.EnumerateFiles(folder, "sdk-*.tar"))
        {
            File.Delete(old);
        }

        var list = Path.Combine(folder, $"packages-{Environment.ProcessId}");
        await File.WriteAllLinesAsync(list, packages);
        var owner = $"{await RunAsync("id", "-u")}:{await RunAsync("id", "-g")}";
        string[] words = ["-c", Recipe, "recipe", file, sdk, packagesFolder, list, owner];
        await (Environment.IsPrivilegedProcess ? RunAsync("sh", words) : RunAsync("sudo", ["-n", "sh", .. words]));
        File.Delete(list);
        return file;
    }

    /// <summary>Folders (<c>name/version</c>) of the packages that the host and what it refers to were restored with, and the folder they lie in.</summary>
    private static (string Folder, IReadOnlyList<string> Packages) ReadPackages()
    {
        var root = FindRoot();
        var folder = "";
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var project in new[] { "DevOps.Core", "DevOps.Infrastructure", "DevOps.Blazor" })
        {
            using var assets = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, project, "obj", "project.assets.json")));
            folder = assets.RootElement.GetProperty("packageFolders").EnumerateObject().First().Name;
            found.UnionWith(assets.RootElement.GetProperty("libraries").EnumerateObject()
                .Where(library => library.Value.GetProperty("type").GetString() is "package")
                .Select(library => library.Value.GetProperty("path").GetString()!));
            found.UnionWith(assets.RootElement.GetProperty("project").GetProperty("frameworks").EnumerateObject()
                .SelectMany(framework => framework.Value.TryGetProperty("downloadDependencies", out var downloads) ? downloads.EnumerateArray() : default)
                .Select(download => $"{download.GetProperty("name").GetString()}/{download.GetProperty("version").GetString()!.Trim('[', ']').Split(',')[0]}".ToLowerInvariant()));
        }

        return (folder, [.. found]);
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "deploy.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests do not lie below their repository");
        }

        return folder;
    }

    private static async Task<(string Version, string Folder)> FindSdkAsync()
    {
        // 10.0.401 [/usr/share/dotnet/sdk]
        var last = (await RunAsync("dotnet", "--list-sdks")).Split('\n')[^1].Split(' ', 2);
        return (last[0], Path.GetDirectoryName(last[1].Trim('[', ']'))!);
    }

    private static string CacheFolder()
    {
        var own = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Directory.CreateDirectory(Path.Combine(own, "devops-tests")).FullName;
    }

    private static string Fingerprint(IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, 8));

    private static async Task<string> RunAsync(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? text.Trim() : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await error}");
    }
}
