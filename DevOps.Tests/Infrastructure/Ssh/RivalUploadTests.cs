using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Tests.Chaos;
using DevOps.Tests.Scripts;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

/// <summary>Two uploads of one release to one server: what is left of a process that died, and what goes on after it. Only the last that began can put its folder into place.</summary>
public sealed class RivalUploadTests(SshServerFixture fixture) : ReleaseTransferRoom(fixture), IClassFixture<SshServerFixture>
{
    // In the middle of the stream, while it compares, and in the moment before its folder is put into place.
    [Theory]
    [InlineData("tar")]
    [InlineData("cksum")]
    [InlineData("mv")]
    public async Task Upload_that_goes_on_after_another_one_began_changes_nothing(string tool)
    {
        using var gates = new Gates(StartScript.FreePort());
        var server = await ServerThatWaitsAsync(gates, tool);
        var manifest = await PackAsync(1, Write("a.txt", "A"), Write("b/b.txt", "B"));
        var knocked = gates.Close("first");
        var first = server.UploadAsync(Upload(1, manifest, null), Log, default);
        await knocked.WaitAsync(Patience);

        await UploadAsync(1, manifest);
        gates.OpenAll();

        await Assert.ThrowsAsync<StepFailure>(() => first.WaitAsync(Patience));
        Assert.Equal(["a.txt", "b"], Children(1));
        Assert.Equal("B", Read(1, "b/b.txt"));
        Assert.Equal(manifest.Hash(), (await File.ReadAllTextAsync(Path.Combine(Target, ".devops/1"))).Trim());
        Assert.True((await UploadAsync(1, manifest, new() { VerifyAll = true })).AlreadyThere);
    }

    [Fact]
    public async Task Release_that_lay_there_stays_when_its_replacement_lost_its_name()
    {
        using var gates = new Gates(StartScript.FreePort());
        var server = await ServerThatWaitsAsync(gates, "mv");
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, manifest);
        await File.WriteAllTextAsync(At(1, "a.txt"), "B");
        var knocked = gates.Close("first");
        var first = server.UploadAsync(Upload(1, manifest, new() { VerifyAll = true }), Log, default);
        await knocked.WaitAsync(Patience);

        Directory.Delete(Directory.GetDirectories(Path.Combine(Target, "releases"), ".1.*").Single(f => !f.EndsWith(".old", StringComparison.Ordinal)), recursive: true);
        gates.OpenAll();

        await Assert.ThrowsAsync<StepFailure>(() => first.WaitAsync(Patience));
        Assert.Equal("B", Read(1, "a.txt"));
        await UploadAsync(1, manifest, new() { VerifyAll = true });
        Assert.Equal("A", Read(1, "a.txt"));
    }

    [Fact]
    public async Task Release_that_a_dead_upload_had_moved_aside_is_put_back_before_anything_is_sent()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, manifest);
        Directory.Move(At(1, ""), At(1, "../.1.old"));
        File.Delete(Path.Combine(Target, ".devops/1"));
        var broken = await ServerWithAsync(("tar", "exit 1"));

        await Assert.ThrowsAsync<StepFailure>(() => broken.UploadAsync(Upload(1, manifest, null), Log, default));

        Assert.Equal("A", Read(1, "a.txt"));
        Assert.False((await UploadAsync(1, manifest)).AlreadyThere);
        Assert.Equal(["1"], Releases());
    }

    [Fact]
    public async Task Upload_that_is_cancelled_behind_its_stream_gives_its_connection_back_at_once()
    {
        using var gates = new Gates(StartScript.FreePort());
        var server = await ServerThatWaitsAsync(gates, "cksum");
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        var knocked = gates.Close("first");
        using var stop = new CancellationTokenSource();
        var first = server.UploadAsync(Upload(1, manifest, null), Log, stop.Token);
        await knocked.WaitAsync(Patience);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Patience));
        Assert.DoesNotContain("1", Releases());
        Assert.False((await server.UploadAsync(Upload(1, manifest, null), Log, default)).AlreadyThere);
        gates.OpenAll();
        Assert.Equal("A", Read(1, "a.txt"));
    }

    /// <summary>A server on which one tool knocks at the door when it is used for the first time on what is uploaded.</summary>
    private Task<IRemoteHost> ServerThatWaitsAsync(Gates gates, string tool)
    {
        var once = Path.Combine(Local, "once");
        var knock = $"case \"$*\" in *releases/1|*.txt*|*-xof*) if mkdir {once} 2>/dev/null; then curl -s -o /dev/null {gates.Address}first </dev/null; fi ;; esac";
        return ServerWithAsync(("cksum", "exec /bin/cksum \"$@\""), (tool, $"{knock}\nexec /bin/{tool} \"$@\""));
    }
}
