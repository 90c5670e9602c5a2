using DevOps.Core.Pipeline;

namespace DevOps.Tests.Infrastructure.Git;

/// <summary>One file of a commit, read without a checkout.</summary>
public sealed class CommitFileTests : IDisposable
{
    private const string Name = "deploy.yml";
    private readonly GitRoom _room = new();

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task File_is_read_as_it_was_at_the_commit()
    {
        var first = _room.Repository.Write(Name, "one: 中文\n").Commit();
        var second = _room.Repository.Write(Name, "\uFEFFtwo\n").Commit();
        await _room.ResolveAsync("main");

        Assert.Equal("one: 中文\n", await ReadAsync(first));
        Assert.Equal("two\n", await ReadAsync(second));
        Assert.Empty(_room.LeftBehind);
    }

    [Fact]
    public async Task File_that_lies_elsewhere_or_is_spelt_otherwise_is_not_there()
    {
        var sha = _room.Repository.Write("sub/" + Name, "x").Write("Deploy.yml", "x").Write("deploy.yml.bak", "x").Commit();
        await _room.ResolveAsync("main");

        Assert.Null(await ReadAsync(sha));
    }

    [Fact]
    public async Task Link_and_folder_are_refused()
    {
        File.CreateSymbolicLink(Path.Combine(_room.Repository.Folder, Name), "/etc/passwd");
        var link = _room.Repository.Commit();
        File.Delete(Path.Combine(_room.Repository.Folder, Name));
        var folder = _room.Repository.Write(Name + "/x", "x").Commit();
        await _room.ResolveAsync("main");

        foreach (var sha in new[] { link, folder })
        {
            Assert.Equal("deploy.yml is a link or a folder. Make it a plain file.", (await Assert.ThrowsAsync<StepFailure>(() => ReadAsync(sha))).Message);
        }
    }

    [Fact]
    public async Task File_that_is_too_large_or_no_text_is_refused()
    {
        var fits = _room.Repository.Write(Name, new string('x', 1000)).Commit();
        var large = _room.Repository.Write(Name, new string('x', 1001)).Commit();
        await File.WriteAllBytesAsync(Path.Combine(_room.Repository.Folder, Name), [0x62, 0xFF, 0xFE, 0x0A]);
        var binary = _room.Repository.Commit();
        await _room.ResolveAsync("main");

        Assert.Equal(1000, (await ReadAsync(fits))!.Length);
        Assert.Equal("deploy.yml has 1001 bytes; 1000 are the most.", (await Assert.ThrowsAsync<StepFailure>(() => ReadAsync(large))).Message);
        Assert.Equal("deploy.yml is not UTF-8. Save it as such.", (await Assert.ThrowsAsync<StepFailure>(() => ReadAsync(binary))).Message);
    }

    [Fact]
    public async Task Mirror_with_a_damaged_file_is_made_anew()
    {
        var text = string.Concat(Enumerable.Range(0, 300));
        var sha = _room.Repository.Write(Name, text).Commit();
        await _room.ResolveAsync("main");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_room.Mirror, "objects"), "*.pack", SearchOption.AllDirectories).ToList())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var bytes = await File.ReadAllBytesAsync(file);
            bytes.AsSpan(bytes.Length / 2, 100).Fill(0xAA);
            await File.WriteAllBytesAsync(file, bytes);
        }

        Assert.Equal(text, await ReadAsync(sha));
    }

    private Task<string?> ReadAsync(string sha) => _room.Source.ReadFileAsync(_room.Access, sha, Name, 1000, CancellationToken.None);
}
