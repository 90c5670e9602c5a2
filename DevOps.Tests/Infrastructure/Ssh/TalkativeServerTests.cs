using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Infrastructure.Ssh;

/// <summary>A server whose shell greets whoever comes, on both outputs, before it does what it was asked: a line in a profile, a warning about a language it does not have.</summary>
public sealed class TalkativeServerTests(SshServerFixture fixture) : ReleaseTransferRoom(fixture), IClassFixture<SshServerFixture>
{
    private const string Greeting = "echo Let us; echo go; echo whole; echo bash: warning: setlocale >&2; eval \"$SSH_ORIGINAL_COMMAND\"";

    [Fact]
    public async Task Greeting_is_no_part_of_what_a_command_printed()
    {
        var server = await GreetingAsync(Greeting);

        var result = await server.RunAsync(Command("echo out; exit 3"), null, default);
        await server.RunAsync(Command("echo error >&2"), Log, default);

        Assert.Equal((3, "out"), (result.ExitCode, result.Output.Trim()));
        Assert.Equal("error", Log.Text.Trim());
    }

    [Fact]
    public async Task Uploads_to_a_server_that_greets_go_as_to_any_other()
    {
        var server = await GreetingAsync(Greeting);
        var first = await PackAsync(1, Write("a.txt", "A"), Write("b.txt", "B"));
        var second = await PackAsync(2, Write("b.txt", "C"));

        var sent = await server.UploadAsync(Upload(1, first, null), Log, default);
        var again = await server.UploadAsync(Upload(1, first, null), Log, default);
        var next = await server.UploadAsync(Upload(2, second, new() { Base = (1, first), VerifyAll = true }), Log, default);

        Assert.Equal((2, true, 1, 1), (sent.FilesSent, again.AlreadyThere, next.FilesSent, next.FilesLinked));
        Assert.Equal("C", Read(2, "b.txt"));
    }

    [Fact]
    public async Task What_a_server_says_instead_of_running_anything_is_in_the_log()
    {
        var server = await GreetingAsync("echo This account is not available.; exit 1");

        await Assert.ThrowsAsync<StepFailure>(() => server.RunAsync(Command("true"), Log, default));

        Assert.Contains("This account is not available.", Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Greeting_without_end_fails_the_upload()
    {
        var server = await GreetingAsync("exec cat /dev/zero");

        var failure = await Assert.ThrowsAsync<StepFailure>(async () => await server.UploadAsync(Upload(1, await PackAsync(1, Write("a.txt", "A")), null), Log, default));

        Assert.Contains("it printed more than", failure.Message, StringComparison.Ordinal);
    }

    private async Task<IRemoteHost> GreetingAsync(string command) => Uplinks.Get((await Fixture.StartServerAsync("talks-" + Guid.NewGuid().ToString("N")[..8], $"ForceCommand {command}")).Access);
}
