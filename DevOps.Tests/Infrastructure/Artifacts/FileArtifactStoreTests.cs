using System.Diagnostics;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Releases;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Artifacts;
using DevOps.Tests.Fakes;

namespace DevOps.Tests.Infrastructure.Artifacts;

public sealed class FileArtifactStoreTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("artifacts-").FullName;
    private readonly string _folder = Directory.CreateTempSubdirectory("workspace-").FullName;
    private readonly RecordedOutput _output = new();
    private readonly FileArtifactStore _store;

    public FileArtifactStoreTests() => _store = new FileArtifactStore(new PlatformOptions { DataFolder = _data }, TimeProvider.System);

    public void Dispose()
    {
        Directory.Delete(_data, recursive: true);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Pack_keeps_paths_modes_content_and_hashes()
    {
        Write("dist/app.js", "console.log(1)");
        Write("dist/run.sh", "#!/bin/sh\n", executable: true);
        Write("dist/empty", "");
        Write("src/app.ts", "no");

        var manifest = await PackAsync("dist/**");

        Assert.Equal(["dist/app.js", "dist/empty", "dist/run.sh"], manifest.Entries.Select(e => e.Path));
        Assert.Equal([Octal("644"), Octal("644"), Octal("755")], manifest.Entries.Select(e => e.Mode));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("console.log(1)"u8)), manifest.Entries[0].Sha256);
        Assert.Equal(["dist/app.js|644|console.log(1)", "dist/empty|644|", "dist/run.sh|755|#!/bin/sh\n"], await ReadTarAsync(_store.OpenTar(1, 1)));
        Assert.Contains("3 files · 24 B · sha256 ", _output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pack_slices_of_any_entries_and_two_zero_blocks_are_a_tar()
    {
        Write("a.txt", "a");
        Write(new string('x', 90) + "/" + new string('y', 200) + ".txt", "long");
        Write("z.txt", "z");
        var manifest = await PackAsync("**");

        using var part = new MemoryStream();
        await using (var tar = _store.OpenTar(1, 1))
        {
            foreach (var entry in manifest.Entries.Skip(1))
            {
                var slice = new byte[entry.Length];
                tar.Position = entry.Offset;
                await tar.ReadExactlyAsync(slice);
                part.Write(slice);
            }
        }

        part.Write(new byte[1024]);
        part.Position = 0;
        Assert.Equal([$"{manifest.Entries[1].Path}|644|long", "z.txt|644|z"], await ReadTarAsync(part));
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("busybox")]
    public async Task Pack_long_unicode_and_hostile_names_come_out_of_the_servers_tar(string program)
    {
        string[] names =
        [
            "-rf", "--checkpoint-action=exec=id", "new\nline", "tab\there", "页面/首页.html", "emoji-🚀", "quote'\"$(id)`", "blank at end ",
            new string('n', 100), new string('m', 101), string.Join('/', Enumerable.Repeat(new string('d', 60), 6)) + "/深い.txt",
        ];
        foreach (var name in names)
        {
            Write(name, name);
        }

        File.CreateSymbolicLink(Path.Combine(_folder, "link"), string.Join('/', Enumerable.Repeat(new string('d', 60), 6)) + "/深い.txt");
        await PackAsync("**");
        var unpacked = Directory.CreateTempSubdirectory("unpacked-").FullName;
        try
        {
            await UnpackAsync(program, unpacked);

            Assert.All(names, name => Assert.Equal(name, File.ReadAllText(Path.Combine(unpacked, name))));
            Assert.Equal(names[^1], File.ReadAllText(Path.Combine(unpacked, "link")));
        }
        finally
        {
            Directory.Delete(unpacked, recursive: true);
        }
    }

    [Fact]
    public async Task Pack_same_content_gives_same_hash_and_other_content_another()
    {
        Write("a.txt", "a");
        var first = await PackAsync("**");
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "a.txt"), DateTime.UnixEpoch);
        var second = await PackAsync("**", number: 2);
        Write("a.txt", "b");
        var third = await PackAsync("**", number: 3);

        Assert.Equal(first.Hash(), second.Hash());
        Assert.NotEqual(first.Hash(), third.Hash());
    }

    [Fact]
    public async Task Pack_nothing_matches_shows_what_there_was()
    {
        for (var i = 0; i < 25; i++)
        {
            Write($"out/file{i:00}.txt", "x");
        }

        var failure = await Assert.ThrowsAsync<StepFailure>(() => PackAsync("dist/**"));

        Assert.Contains("'dist/**'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("25 files are there, the first 20", failure.Message, StringComparison.Ordinal);
        Assert.Contains("out/file19.txt", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("out/file20.txt", failure.Message, StringComparison.Ordinal);
        Assert.Null(await _store.ReadManifestAsync(1, 1, CancellationToken.None));
    }

    [Fact]
    public async Task Pack_missing_folder_is_a_step_failure()
    {
        Directory.Delete(_folder);
        try
        {
            await Assert.ThrowsAsync<StepFailure>(() => PackAsync("**"));
        }
        finally
        {
            Directory.CreateDirectory(_folder);
        }
    }

    [Theory]
    [InlineData("inside/link", "../a.txt")]
    [InlineData("link", "inside/./a.txt")]
    [InlineData("link", "not-there-yet")]
    public async Task Pack_link_that_stays_inside_is_kept(string link, string target)
    {
        Write("a.txt", "a");
        Write("inside/a.txt", "a");
        File.CreateSymbolicLink(Path.Combine(_folder, link), target);

        var manifest = await PackAsync("**");

        Assert.Equal(target, Assert.Single(manifest.Entries, e => string.Equals(e.Path, link, StringComparison.Ordinal)).LinkTarget);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("../../etc/passwd")]
    [InlineData("deep/down/here/../../..")]
    [InlineData("circle")]
    public async Task Pack_link_that_leaves_is_refused_by_name(string target)
    {
        Write("deep/down/a.txt", "a");
        File.CreateSymbolicLink(Path.Combine(_folder, "deep/down/here"), ".");
        File.CreateSymbolicLink(Path.Combine(_folder, "circle"), "circle");
        File.CreateSymbolicLink(Path.Combine(_folder, "bad-link"), target);

        var failure = await Assert.ThrowsAsync<StepFailure>(() => PackAsync("bad-link"));

        Assert.Contains("'bad-link'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pack_does_not_follow_a_folder_that_is_a_link()
    {
        Directory.CreateSymbolicLink(Path.Combine(_folder, "dist"), "/etc");

        await Assert.ThrowsAsync<StepFailure>(() => PackAsync("dist/**"));
    }

    [Fact]
    public async Task Pack_pipe_is_refused_and_does_not_block()
    {
        using var made = Process.Start("mkfifo", [Path.Combine(_folder, "pipe")]);
        await made.WaitForExitAsync();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => PackAsync("**"));

        Assert.Contains("'pipe'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pack_file_that_grows_meanwhile_is_an_error_and_leaves_nothing()
    {
        // The walk orders by name: while the large first file is read, the second one, whose facts are known, changes.
        Write("a-large", "");
        await using (var large = File.OpenWrite(Path.Combine(_folder, "a-large")))
        {
            large.SetLength(200_000_000);
        }

        Write("b-changes", "before");
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await File.AppendAllTextAsync(Path.Combine(_folder, "b-changes"), $"{i}");
            }
        });

        var failure = await Assert.ThrowsAsync<StepFailure>(() => PackAsync("**"));
        await stop.CancelAsync();
        await writing;

        Assert.Contains("'b-changes'", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_data, "releases", "1")));
    }

    [Fact]
    public async Task Pack_again_replaces_an_earlier_try()
    {
        Write("a.txt", "first");
        await PackAsync("**");
        Directory.CreateDirectory(Path.Combine(_data, "releases", "1", "1.0123.new"));
        Write("a.txt", "second");

        var manifest = await PackAsync("**");

        Assert.Equal(manifest.Hash(), (await _store.ReadManifestAsync(1, 1, CancellationToken.None))!.Hash());
        Assert.Equal(["a.txt|644|second"], await ReadTarAsync(_store.OpenTar(1, 1)));
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(_data, "releases", "1")));
    }

    [Fact]
    public async Task Pack_cancelled_leaves_nothing()
    {
        Write("a.txt", "a");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.PackAsync(new PackRequest(1, 1, _folder, ["**"]), _output, cancelled.Token));

        Assert.Null(await _store.ReadManifestAsync(1, 1, CancellationToken.None));
    }

    [Fact]
    public async Task ReadManifest_of_what_is_not_whole_is_null()
    {
        Write("a.txt", "a");
        await PackAsync("**");
        var release = Path.Combine(_data, "releases", "1", "1");
        var manifest = await File.ReadAllTextAsync(Path.Combine(release, "manifest.json"));

        await File.WriteAllTextAsync(Path.Combine(release, "manifest.json"), manifest.Replace("a.txt", "b.txt", StringComparison.Ordinal));
        Assert.Null(await _store.ReadManifestAsync(1, 1, CancellationToken.None));
        await File.WriteAllTextAsync(Path.Combine(release, "manifest.json"), manifest[..^10]);
        Assert.Null(await _store.ReadManifestAsync(1, 1, CancellationToken.None));
        await File.WriteAllTextAsync(Path.Combine(release, "manifest.json"), manifest);
        Assert.NotNull(await _store.ReadManifestAsync(1, 1, CancellationToken.None));
        await File.AppendAllTextAsync(Path.Combine(release, "artifact.tar"), "x");
        Assert.Null(await _store.ReadManifestAsync(1, 1, CancellationToken.None));
    }

    [Fact]
    public async Task Delete_removes_the_bytes_and_may_be_repeated()
    {
        Write("a.txt", "a");
        await PackAsync("**");

        await _store.DeleteAsync(1, 1, CancellationToken.None);
        await _store.DeleteAsync(1, 1, CancellationToken.None);

        Assert.Null(await _store.ReadManifestAsync(1, 1, CancellationToken.None));
        Assert.Contains("release 1", Assert.Throws<StepFailure>(() => _store.OpenTar(1, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pack_five_thousand_files()
    {
        for (var i = 0; i < 5000; i++)
        {
            Write($"dist/{i % 50:00}/{i}.txt", $"file {i}");
        }

        var manifest = await PackAsync("dist/**");

        Assert.Equal(5000, manifest.Entries.Count);
        Assert.Equal(manifest.Entries[^1].Offset + manifest.Entries[^1].Length + 1024, _store.OpenTar(1, 1).Length);
    }

    private static int Octal(string mode) => Convert.ToInt32(mode, 8);

    private Task<Manifest> PackAsync(string pattern, int number = 1) =>
        _store.PackAsync(new PackRequest(1, number, _folder, [pattern]), _output, CancellationToken.None);

    private void Write(string path, string text, bool executable = false)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        if (executable)
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute);
        }
    }

    private async Task UnpackAsync(string program, string folder)
    {
        var start = new ProcessStartInfo(program, program is "tar" ? ["-x", "-C", folder] : ["tar", "-x", "-C", folder]) { RedirectStandardInput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        await using (var tar = _store.OpenTar(1, 1))
        {
            await tar.CopyToAsync(process.StandardInput.BaseStream);
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task<List<string>> ReadTarAsync(Stream stream)
    {
        var entries = new List<string>();
        await using var reader = new TarReader(stream);
        while (await reader.GetNextEntryAsync() is { } entry)
        {
            using var text = entry.DataStream is null ? null : new StreamReader(entry.DataStream, Encoding.UTF8);
            entries.Add($"{entry.Name}|{Convert.ToString((int)entry.Mode, 8)}|{(text is null ? "" : await text.ReadToEndAsync())}");
        }

        return entries;
    }
}
