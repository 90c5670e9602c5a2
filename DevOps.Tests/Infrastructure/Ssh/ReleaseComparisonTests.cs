using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

/// <summary>What lies on the server is compared with what is to lie there, and never believed unseen where everything is to be verified.</summary>
public sealed class ReleaseComparisonTests(SshServerFixture fixture) : ReleaseTransferRoom(fixture), IClassFixture<SshServerFixture>
{
    [Fact]
    public async Task Unchanged_release_sends_nothing_but_is_a_folder_of_its_own()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, manifest);
        var again = await PackAsync(2);

        var result = await UploadAsync(2, again, new() { Base = (1, manifest), VerifyAll = true });

        Assert.Equal(new UploadResult(AlreadyThere: false, FilesSent: 0, BytesSent: 0, FilesLinked: 1), result);
        Assert.Equal(["1", "2"], Releases());
    }

    [Fact]
    public async Task Base_that_was_edited_on_the_server_is_found_out_and_repaired()
    {
        var first = await PackAsync(1, Write("a.txt", "aaaa"), Write("b.txt", "b"));
        await UploadAsync(1, first);
        File.WriteAllText(At(1, "a.txt"), "evil");
        var second = await PackAsync(2, Write("b.txt", "B"));

        var result = await UploadAsync(2, second, new() { Base = (1, first), VerifyAll = true });

        Assert.Equal("aaaa", Read(2, "a.txt"));
        Assert.Equal("evil", Read(1, "a.txt"));
        Assert.Equal(2, result.FilesSent);
        Assert.Contains("differ from release 1 (a.txt)", Log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Large_file_that_was_edited_on_the_server_is_found_out_and_repaired(bool honestTools)
    {
        // An openssl that lies must not be believed.
        var tools = Tools(("openssl", "echo 0000"));
        var server = Uplinks.Get((await Fixture.StartServerAsync("large", $"SetEnv PATH={(honestTools ? "/usr/bin:/bin" : tools)}")).Access);
        var content = new string('x', 4 << 20);
        var first = await PackAsync(1, Write("large.bin", content), Write("small.txt", "s"));
        await server.UploadAsync(Upload(1, first, new() { VerifyAll = true }), Log, default);
        File.WriteAllText(At(1, "large.bin"), "y" + content[1..]);

        var result = await server.UploadAsync(Upload(2, await PackAsync(2, Write("small.txt", "t")), new() { Base = (1, first), VerifyAll = true }), Log, default);

        Assert.Equal(2, result.FilesSent);
        Assert.Equal(content, Read(2, "large.bin"));
    }

    [Fact]
    public async Task Base_without_its_mark_is_not_used()
    {
        var first = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, first);
        File.Delete(Path.Combine(Target, ".devops/1"));
        var second = await PackAsync(2, Write("b.txt", "B"));

        var result = await UploadAsync(2, second, new() { Base = (1, first) });

        Assert.Equal((2, 0), (result.FilesSent, result.FilesLinked));
    }

    [Fact]
    public async Task Repeated_upload_leaves_the_release_alone()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, manifest);
        var inode = await InodeAsync(At(1, "a.txt"));

        var result = await UploadAsync(1, manifest, new() { VerifyAll = true });

        Assert.Equal(new UploadResult(AlreadyThere: true, FilesSent: 0, BytesSent: 0, FilesLinked: 0), result);
        Assert.Equal(inode, await InodeAsync(At(1, "a.txt")));
    }

    [Fact]
    public async Task Release_that_was_edited_on_the_server_is_sent_anew()
    {
        var manifest = await PackAsync(1, Write("a.txt", "A"));
        await UploadAsync(1, manifest);
        File.WriteAllText(At(1, "a.txt"), "Z");

        var result = await UploadAsync(1, manifest, new() { VerifyAll = true });

        Assert.False(result.AlreadyThere);
        Assert.Equal("A", Read(1, "a.txt"));
        Assert.Equal(["1"], Releases());
    }

    [Fact]
    public async Task What_has_just_arrived_is_compared_by_its_checksum()
    {
        var server = await ServerWithAsync(("cksum", "exec /usr/bin/cksum \"$@\""), ("sha256sum", "exit 1"));

        var result = await server.UploadAsync(Upload(1, await PackAsync(1, Write("a.txt", "A"), Write("empty", ""), Write("it's a\nname", "odd")), null), Log, default);

        Assert.Equal(3, result.FilesSent);
        Assert.Equal("A", Read(1, "a.txt"));
    }

    [Theory]
    [InlineData("echo 1 1 ./a.txt")]
    [InlineData("exit 1")]
    public async Task Checksum_that_is_no_checksum_leaves_the_word_to_the_hash(string cksum)
    {
        var server = await ServerWithAsync(("cksum", cksum));

        await server.UploadAsync(Upload(1, await PackAsync(1, Write("a.txt", "A")), null), Log, default);

        Assert.Equal("A", Read(1, "a.txt"));
    }

    [Fact]
    public async Task File_that_was_damaged_on_its_way_to_the_disk_is_named_and_the_release_is_not_put_in_place()
    {
        var server = await ServerWithAsync(("cksum", "exec /usr/bin/cksum \"$@\""), ("tar", "/bin/tar \"$@\" && printf B > ./a.txt"));
        var manifest = await PackAsync(1, Write("a.txt", "A"), Write("b.txt", "B"));

        var failure = await Assert.ThrowsAsync<StepFailure>(() => server.UploadAsync(Upload(1, manifest, null), Log, default));

        Assert.Contains("still differ from the release: a.txt.", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("1", Releases());
    }
}
