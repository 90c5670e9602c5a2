using DevOps.Infrastructure;

namespace DevOps.Tests.Infrastructure;

public sealed class HeldFolderTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("held-").FullName;

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void Folder_is_for_its_owner_only_and_gone_with_all_it_holds_when_disposed()
    {
        using (var folder = HeldFolder.Make(_parent, "x-"))
        {
            Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(folder.Path));
            Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(folder.Path + ".lock"));
            Directory.CreateDirectory(Path.Combine(folder.Path, "home"));
            File.WriteAllText(Path.Combine(folder.Path, "key"), "secret");
        }

        Assert.Empty(Directory.GetFileSystemEntries(_parent));
    }

    [Fact]
    public void Folder_of_the_living_stays_however_many_look_for_abandoned_ones()
    {
        using var folder = HeldFolder.Make(_parent, "x-");

        for (var n = 0; n < 3; n++)
        {
            HeldFolder.Make(_parent, "x-").Dispose();
        }

        Assert.Equal([folder.Path, folder.Path + ".lock"], Directory.GetFileSystemEntries(_parent).Order(StringComparer.Ordinal));
    }

    // Killed while it lived, before the folder was made, and while it was being removed.
    [Theory]
    [InlineData("x-1.lock", "x-1/key", "x-1/home/deep")]
    [InlineData("x-1.lock")]
    [InlineData("x-1.lock", "x-1/home/deep")]
    public void What_the_dead_left_in_any_moment_is_removed_by_the_next(params string[] left)
    {
        foreach (var file in left.Select(f => Path.Combine(_parent, f)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, "");
        }

        HeldFolder.Make(_parent, "x-").Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(_parent));
    }

    [Fact]
    public void Folders_of_another_kind_are_nobody_elses_business()
    {
        File.WriteAllText(Path.Combine(_parent, "y-1.lock"), "");

        HeldFolder.Make(_parent, "x-").Dispose();

        Assert.Single(Directory.GetFileSystemEntries(_parent));
    }

    [Fact]
    public async Task Many_made_at_once_do_not_take_each_others()
    {
        var folders = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => HeldFolder.Make(_parent, ""))));

        Assert.All(folders, f => Assert.True(Directory.Exists(f.Path)));
        Array.ForEach(folders, f => f.Dispose());
        Assert.Empty(Directory.GetFileSystemEntries(_parent));
    }
}
