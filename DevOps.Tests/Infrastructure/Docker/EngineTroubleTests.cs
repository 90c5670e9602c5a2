using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>Engines that are away, silent, break off or lie.</summary>
public sealed class EngineTroubleTests : FakeEngineRoom
{
    [Fact]
    public async Task Engine_that_is_away_is_unavailable_and_says_where_it_was_looked_for()
    {
        var socket = Path.Combine(Folders.Destination, "no.sock");

        var away = await Assert.ThrowsAsync<EngineUnavailable>(() => Engine(new DockerOptions { Host = $"unix://{socket}", Installation = "x" }).PingAsync(CancellationToken.None));

        Assert.Contains(socket, away.Message);
        Assert.Contains("DOCKER_HOST", away.Message);
    }

    [Theory]
    [InlineData("ssh://user@host")]
    [InlineData("unix://")]
    [InlineData("nonsense")]
    public async Task Address_that_is_not_spoken_is_named(string host) =>
        Assert.Contains(host, (await Assert.ThrowsAsync<EngineUnavailable>(() => Engine(new DockerOptions { Host = host, Installation = "x" }).PingAsync(CancellationToken.None))).Message);

    [Fact]
    public async Task Engine_that_is_silent_is_unavailable()
    {
        Api.On("GET version", FakeEngineApi.Hang);

        await Assert.ThrowsAsync<EngineUnavailable>(() => Engine(Api.Options, connectionTime: new HurriedTime()).PingAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Something_else_than_an_engine_is_unavailable()
    {
        Api.On("GET version", "<html>welcome</html>");

        await Assert.ThrowsAsync<EngineUnavailable>(() => Engine().PingAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("1.41", "1.12", "1.41")]
    [InlineData("1.45", "1.24", "1.45")]
    [InlineData("1.99", "1.44", "1.51")]
    [InlineData("1.99", "1.60", "1.60")]
    public async Task Newest_version_that_both_know_is_spoken(string highest, string lowest, string spoken)
    {
        Api.On("GET version", $$"""{"Version":"x","ApiVersion":"{{highest}}","MinAPIVersion":"{{lowest}}","Os":"linux","Arch":"amd64"}""");

        var info = await Engine().PingAsync(CancellationToken.None);
        Assert.Equal(spoken, info.ApiVersion);
        await RunAsync();

        Assert.All(Api.Calls.Where(c => !c.EndsWith(" /version", StringComparison.Ordinal)), call => Assert.Contains($" /v{spoken}/", call));
    }

    [Fact]
    public async Task Engine_that_is_too_old_is_named_with_what_is_needed()
    {
        Api.On("GET version", """{"Version":"18","ApiVersion":"1.40","Os":"linux","Arch":"amd64"}""");

        var old = await Assert.ThrowsAsync<EngineUnavailable>(() => Engine().PingAsync(CancellationToken.None));

        Assert.Contains("1.40", old.Message);
        Assert.Contains("1.41", old.Message);
    }

    [Theory]
    [InlineData("POST create")]
    [InlineData("PUT archive")]
    [InlineData("POST attach")]
    [InlineData("POST start")]
    [InlineData("POST wait")]
    [InlineData("GET info")]
    public async Task Engine_that_breaks_off_in_the_middle_is_unavailable_and_asked_to_remove(string call)
    {
        Api.On(call, FakeEngineApi.BreakOff);

        await Assert.ThrowsAsync<EngineUnavailable>(() => RunAsync());

        Assert.Equal(call is not "GET info", Api.Calls.Any(c => c.StartsWith("DELETE ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Output_that_breaks_off_is_unavailable()
    {
        Api.On("POST wait", FakeEngineApi.Hang);
        Api.On("POST attach", async context =>
        {
            await context.Response.Body.WriteAsync(FakeEngineApi.Frame("half\n"));
            await context.Response.Body.FlushAsync();
            context.Abort();
        });

        await Assert.ThrowsAsync<EngineUnavailable>(() => RunAsync());
    }

    [Fact]
    public async Task Wait_that_never_answers_is_bounded_by_the_time_limit()
    {
        Api.On("POST wait", FakeEngineApi.Hang);

        var exit = await RunAsync(run => run with { Timeout = TimeSpan.FromMilliseconds(300) });

        Assert.True(exit.TimedOut);
        Assert.Equal("one line\n", Output.Text());
        Assert.Contains(Api.Calls, c => c.EndsWith("/containers/c1/kill", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Output_that_never_ends_is_given_up_after_the_script_ended()
    {
        Api.On("POST attach", async context =>
        {
            await context.Response.Body.WriteAsync(FakeEngineApi.Frame("last\n"));
            await context.Response.Body.FlushAsync();
            await FakeEngineApi.Hang(context);
        });

        var exit = await RunAsync(run => run with { Timeout = TimeSpan.FromHours(1) }, new HurriedTime());

        Assert.Equal(0, exit.ExitCode);
        Assert.Contains("may be missing", Output.Text(LogStream.System));
    }

    [Fact]
    public async Task Workspace_that_the_engine_has_no_room_for_is_a_failure_in_its_words()
    {
        Api.On("PUT archive", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.WriteAsync("""{"message":"no space left on device"}""");
        });

        Assert.Contains("no space left", (await Assert.ThrowsAsync<StepFailure>(() => RunAsync())).Message);
    }

    [Fact]
    public async Task Leftover_that_the_engine_refuses_to_remove_does_not_keep_the_build_from_its_end()
    {
        Api.Listed = """[{"Id":"busy","Labels":{}},{"Id":"free","Labels":{}}]""";
        Api.On("DELETE busy", """{"message":"failed to remove root filesystem: device or resource busy"}""", StatusCodes.Status500InternalServerError);

        var exit = await RunAsync();
        var removed = await Engine().RemoveLeftoversAsync(1, CancellationToken.None);

        Assert.Equal(0, exit.ExitCode);
        Assert.Equal(1, removed);
        Assert.Contains(Api.Calls, c => c.StartsWith("DELETE ", StringComparison.Ordinal) && c.Contains("/containers/free", StringComparison.Ordinal));
    }
}
