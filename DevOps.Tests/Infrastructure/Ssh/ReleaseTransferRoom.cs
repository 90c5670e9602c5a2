using System.Globalization;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;
using DevOps.Core.Secrets;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Artifacts;
using DevOps.Infrastructure.Ssh;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

/// <summary>A store of releases and a server to bring them to, whose folder has an awkward name.</summary>
public abstract class ReleaseTransferRoom : SshRoom
{
    private protected const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    protected ReleaseTransferRoom(SshServerFixture fixture)
        : base(fixture)
    {
        Store = new FileArtifactStore(new PlatformOptions { DataFolder = Path.Combine(Local, "data") }, TimeProvider.System);
        Uplinks = Connect(artifacts: Store);
        Target = Path.Combine(Local, "srv/it's $(here)");
    }

    private protected string Local { get; } = Directory.CreateTempSubdirectory("release-").FullName;

    private protected string Target { get; }

    private protected FileArtifactStore Store { get; }

    private protected SshConnections Uplinks { get; }

    private protected RecordedOutput Log { get; } = new();

    public override async Task DisposeAsync()
    {
        await Uplinks.DisposeAsync();
        await base.DisposeAsync();
        Directory.Delete(Local, recursive: true);
    }

    private protected Task<UploadResult> UploadAsync(int number, Manifest manifest, Wish? wish = null) =>
        Uplinks.Get(Fixture.Server.Access).UploadAsync(Upload(number, manifest, wish), Log, default);

    private protected ReleaseUpload Upload(int number, Manifest manifest, Wish? wish) => new()
    {
        Path = wish?.Path ?? Target,
        ProjectId = 1,
        Number = number,
        Manifest = manifest,
        Base = wish?.Base,
        VerifyAll = wish?.VerifyAll ?? false,
        Shared = wish?.Shared ?? [],
        Files = wish?.Files ?? new Dictionary<string, Sensitive>(),
    };

    private protected static Wish Files(params (string Path, string Content)[] files) => new() { Files = files.ToDictionary(f => f.Path, f => new Sensitive(f.Content), StringComparer.Ordinal) };

    private protected async Task<Manifest> PackAsync(int number, params Action<string>[] changes)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Local, "work")).FullName;
        foreach (var change in changes)
        {
            change(folder);
        }

        return await Store.PackAsync(new PackRequest(1, number, folder, ["**"]), new RecordedOutput(), default);
    }

    private protected static Action<string> Write(string path, string content, UnixFileMode? mode = null) => folder =>
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        if (mode is { } bits)
        {
            File.SetUnixFileMode(file, bits);
        }
    };

    private protected static Action<string> Link(string path, string target) => folder =>
    {
        var link = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.Delete(link);
        File.CreateSymbolicLink(link, target);
    };

    private protected static Action<string> Delete(string path) => folder =>
    {
        var target = Path.Combine(folder, path);
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }
        else
        {
            File.Delete(target);
        }
    };

    private protected string At(int number, string path) => Path.Combine(Target, "releases", number.ToString(CultureInfo.InvariantCulture), path);

    private protected string Read(int number, string path) => File.ReadAllText(At(number, path));

    private protected string[] Children(int number) => [.. Directory.GetFileSystemEntries(At(number, "")).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    private protected string[] Releases() =>
        Directory.Exists(Path.Combine(Target, "releases")) ? [.. Directory.GetFileSystemEntries(Path.Combine(Target, "releases")).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)] : [];

    private protected async Task<string> InodeAsync(string path) => (await Host.RunAsync(Command($"ls -i -- {DevOps.Core.Pipeline.Commands.ShellQuote.Word(path)}"), null, default)).Output.Trim().Split(' ')[0];

    /// <summary>A server with a few tools, some of them of our own.</summary>
    private protected async Task<IRemoteHost> ServerWithAsync(params (string Tool, string Script)[] own) =>
        Uplinks.Get((await Fixture.StartServerAsync("tools-" + Guid.NewGuid().ToString("N")[..8], $"SetEnv PATH={Tools(own)}")).Access);

    /// <summary>A folder with the tools of a server, some of them of our own.</summary>
    private protected string Tools(params (string Tool, string Script)[] own)
    {
        var tools = Directory.CreateDirectory(Path.Combine(Local, $"tools-{Guid.NewGuid():N}")).FullName;
        foreach (var tool in ((string[])["tar", "cp", "mv", "ln", "rm", "mkdir", "cat", "dd", "find", "readlink", "sha256sum", "printf", "sleep", "sort", "curl"]).Except(own.Select(o => o.Tool)))
        {
            File.CreateSymbolicLink(Path.Combine(tools, tool), $"/bin/{tool}");
        }

        foreach (var (tool, script) in own)
        {
            var file = Path.Combine(tools, tool);
            File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(file, Executable);
        }

        return tools;
    }

    private protected sealed record Wish
    {
        public string? Path { get; init; }

        public (int Number, Manifest Manifest)? Base { get; init; }

        public bool VerifyAll { get; init; }

        public IReadOnlyList<string>? Shared { get; init; }

        public IReadOnlyDictionary<string, Sensitive>? Files { get; init; }
    }
}
