using System.Diagnostics;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Git;
using DevOps.Tests.Fakes;

namespace DevOps.Tests.Infrastructure.Git;

public sealed class GitFaultTests : IDisposable
{
    private readonly GitRoom _room = new();

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task Resolve_after_a_clone_that_was_killed_starts_anew()
    {
        var sha = _room.Repository.Write("a.txt", "a").Commit();
        await _room.ResolveAsync("main");
        var mirror = _room.Mirror;
        Directory.Move(mirror, mirror + ".new");
        Directory.Delete(Path.Combine(mirror + ".new", "refs"), recursive: true);

        Assert.Equal(sha, (await _room.ResolveAsync("main")).Sha);
        Assert.False(Directory.Exists(mirror + ".new"));
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("refs")]
    [InlineData("objects")]
    [InlineData("config")]
    public async Task Checkout_from_a_mirror_that_lost_a_part_makes_it_anew(string part)
    {
        var sha = _room.Repository.Write("a.txt", "a").Commit();
        await _room.ResolveAsync("main");
        var lost = Path.Combine(_room.Mirror, part);
        if (Directory.Exists(lost))
        {
            Directory.Delete(lost, recursive: true);
        }
        else
        {
            await File.WriteAllTextAsync(lost, "garbage");
        }

        await _room.CheckoutAsync(sha);

        Assert.Equal("a", _room.Read("a.txt"));
        Assert.Equal(sha, (await _room.ResolveAsync("main")).Sha);
    }

    [Fact]
    public async Task Mirror_with_damaged_objects_is_made_anew()
    {
        var sha = _room.Repository.Write("a.txt", "a").Commit();
        await _room.ResolveAsync("main");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_room.Mirror, "objects"), "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await File.WriteAllTextAsync(file, "");
        }

        Assert.Equal(sha, (await _room.ResolveAsync("main")).Sha);
        await _room.CheckoutAsync(sha);
        Assert.Equal("a", _room.Read("a.txt"));
    }

    [Fact]
    public async Task Mirror_with_a_damaged_file_is_made_anew_at_checkout()
    {
        var sha = _room.Repository.Write("a.txt", string.Concat(Enumerable.Range(0, 5000))).Commit();
        await _room.ResolveAsync("main");
        var pack = Directory.EnumerateFiles(Path.Combine(_room.Mirror, "objects"), "*", SearchOption.AllDirectories).MaxBy(f => new FileInfo(f).Length)!;
        File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = await File.ReadAllBytesAsync(pack);
        bytes.AsSpan(bytes.Length / 2, 200).Fill(0xAA);
        await File.WriteAllBytesAsync(pack, bytes);

        await _room.CheckoutAsync(sha);

        Assert.StartsWith("012345", _room.Read("a.txt"), StringComparison.Ordinal);
        Assert.Contains("made anew", _room.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resolve_with_locks_that_a_killed_git_left_works()
    {
        _room.Repository.Commit("first");
        await _room.ResolveAsync("main");
        await File.WriteAllTextAsync(Path.Combine(_room.Mirror, "refs/heads/main.lock"), "");
        await File.WriteAllTextAsync(Path.Combine(_room.Mirror, "packed-refs.lock"), "");
        var second = _room.Repository.Commit("second");

        Assert.Equal(second, (await _room.ResolveAsync("main")).Sha);
    }

    [Fact]
    public async Task Session_of_a_killed_process_is_removed_by_the_next_one()
    {
        var abandoned = Directory.CreateDirectory(Path.Combine(_room.Platform.DataFolder, "git", "sessions", "abandoned")).FullName;
        await File.WriteAllTextAsync(abandoned + ".lock", "");
        await File.WriteAllTextAsync(Path.Combine(abandoned, "key"), "secret");
        _room.Repository.Commit();

        await _room.ResolveAsync("main");

        Assert.Empty(_room.LeftBehind);
    }

    [Fact]
    public async Task Several_callers_of_one_repository_take_turns()
    {
        var sha = _room.Repository.Write("a.txt", "a").Commit();

        var commits = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _room.ResolveAsync("main")));

        Assert.All(commits, c => Assert.Equal(sha, c.Sha));
    }

    [Fact]
    public async Task Second_process_waits_for_the_file_lock_and_goes_on_after_it()
    {
        var sha = _room.Repository.Commit();
        await _room.ResolveAsync("main");
        var held = new FileStream(_room.Mirror + ".lock", FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var output = new SignallingOutput("Waiting");

        var waiting = _room.Source.ResolveAsync(_room.Access, "main", output, CancellationToken.None);
        await output.Seen;
        Assert.False(waiting.IsCompleted);
        await held.DisposeAsync();

        Assert.Equal(sha, (await waiting).Sha);
    }

    [Fact]
    public async Task Cancel_ends_git_and_all_its_children()
    {
        using var room = new GitRoom();
        using var server = new SilentServer();
        using var cancel = new CancellationTokenSource();
        var access = new RepositoryAccess { Url = $"https://127.0.0.1:{server.Port}/shop.git" };

        var listing = room.Source.ListBranchesAsync(access, cancel.Token);
        await server.Connected;
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing);
        Assert.Empty(room.LeftBehind);
        Assert.Empty(ProcessesWith($":{server.Port}/shop.git"));
    }

    [Fact]
    public async Task Host_that_never_answers_ends_with_a_clear_failure()
    {
        using var room = new GitRoom(limits: new GitOptions { FetchTimeout = TimeSpan.FromSeconds(1) });
        using var server = new SilentServer();

        var failure = await Assert.ThrowsAsync<StepFailure>(() => room.Source.ResolveAsync(
            new RepositoryAccess { Url = $"https://127.0.0.1:{server.Port}/shop.git" }, "main", new RecordedOutput(), CancellationToken.None));

        Assert.Contains("within 1 seconds", failure.Message, StringComparison.Ordinal);
        Assert.Empty(ProcessesWith($":{server.Port}/shop.git"));
    }

    private static List<string> ProcessesWith(string word)
    {
        var found = new List<string>();
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                var file = $"/proc/{process.Id}/cmdline";
                try
                {
                    if (File.ReadAllText(file).Contains(word, StringComparison.Ordinal))
                    {
                        found.Add(file);
                    }
                }
                catch (IOException)
                {
                    // It ended between being listed and being read.
                    continue;
                }
            }
        }

        return found;
    }
}
