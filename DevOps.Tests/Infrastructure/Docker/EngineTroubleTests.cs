using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fakes;
using DevOps.Tests.Fixtures;
using Microsoft.AspNetCore.Http;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>Engines that are away, silent, break off or lie.</summary>
public sealed class EngineTroubleTests : IAsyncLifetime
{
    private readonly BuildFolders _folders = new();
    private readonly CapturedOutput _output = new();
    private readonly List<DockerConnection> _connections = [];
    private FakeEngineApi _api = null!;

    public async Task InitializeAsync() => _api = await FakeEngineApi.StartAsync();

    [Fact]
    public async Task Engine_that_is_away_is_unavailable_and_says_where_it_was_looked_for()
    {
        var socket = Path.Combine(_folders.Destination, "no.sock");

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
        _api.On("GET version", FakeEngineApi.Hang);

        await Assert.ThrowsAsync<EngineUnavailable>(() => Engine(_api.Options, connectionTime: new HurriedTime()).PingAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Something_else_than_an_engine_is_unavailable()
    {
        _api.On("GET version", "<html>welcome</html>");

        await Assert.ThrowsAsync<EngineUnavailable>(() => Engine().PingAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("1.41", "1.12", "1.41")]
    [InlineData("1.45", "1.24", "1.45")]
    [InlineData("1.99", "1.44", "1.51")]
    [InlineData("1.99", "1.60", "1.60")]
    public async Task Newest_version_that_both_know_is_spoken(string highest, string lowest, string spoken)
    {
        _api.On("GET version", $$"""{"Version":"x","ApiVersion":"{{highest}}","MinAPIVersion":"{{lowest}}","Os":"linux","Arch":"amd64"}""");

        var info = await Engine().PingAsync(CancellationToken.None);
        Assert.Equal(spoken, info.ApiVersion);
        await RunAsync();

        Assert.All(_api.Calls.Where(c => !c.EndsWith(" /version", StringComparison.Ordinal)), call => Assert.Contains($" /v{spoken}/", call));
    }

    [Fact]
    public async Task Engine_that_is_too_old_is_named_with_what_is_needed()
    {
        _api.On("GET version", """{"Version":"18","ApiVersion":"1.40","Os":"linux","Arch":"amd64"}""");

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
        _api.On(call, FakeEngineApi.BreakOff);

        await Assert.ThrowsAsync<EngineUnavailable>(() => RunAsync());

        Assert.Equal(call is not "GET info", _api.Calls.Any(c => c.StartsWith("DELETE ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Output_that_breaks_off_is_unavailable()
    {
        _api.On("POST wait", FakeEngineApi.Hang);
        _api.On("POST attach", async context =>
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
        _api.On("POST wait", FakeEngineApi.Hang);

        var exit = await RunAsync(run => run with { Timeout = TimeSpan.FromMilliseconds(300) });

        Assert.True(exit.TimedOut);
        Assert.Equal("one line\n", _output.Text());
        Assert.Contains(_api.Calls, c => c.EndsWith("/containers/c1/kill", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Output_that_never_ends_is_given_up_after_the_script_ended()
    {
        _api.On("POST attach", async context =>
        {
            await context.Response.Body.WriteAsync(FakeEngineApi.Frame("last\n"));
            await context.Response.Body.FlushAsync();
            await FakeEngineApi.Hang(context);
        });

        var exit = await RunAsync(run => run with { Timeout = TimeSpan.FromHours(1) }, new HurriedTime());

        Assert.Equal(0, exit.ExitCode);
        Assert.Contains("may be missing", _output.Text(LogStream.System));
    }

    [Fact]
    public async Task Word_about_memory_ends_the_listening_though_the_engine_would_go_on()
    {
        _api.ExitCode = 1;
        _api.On("GET events", OomAndOnAsync);

        var exit = await RunAsync().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((1, true), (exit.ExitCode, exit.OutOfMemory));
    }

    [Fact]
    public async Task Word_about_memory_that_comes_after_the_end_is_listened_for_when_the_script_was_killed()
    {
        _api.ExitCode = 137;
        _api.On("GET events", context => _api.Calls.Count(c => c.Contains("/events?", StringComparison.Ordinal)) == 1 ? Task.CompletedTask : OomAndOnAsync(context));

        var exit = await RunAsync().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((137, true), (exit.ExitCode, exit.OutOfMemory));
    }

    [Theory]
    [InlineData(3, "", 1)]
    [InlineData(137, "", 2)]
    [InlineData(137, "kill", 1)]
    public async Task Script_that_ended_for_a_known_reason_is_not_listened_for_at_length(int code, string told, int looks)
    {
        _api.ExitCode = code;
        _api.On("GET events", told.Length > 0 ? $$"""{"Action":"{{told}}"}""" : "");

        var ended = await Record.ExceptionAsync(() => RunAsync());

        Assert.Equal(told.Length > 0, ended is EngineUnavailable);
        Assert.Equal(looks, _api.Calls.Count(c => c.Contains("/events?", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Workspace_that_the_engine_has_no_room_for_is_a_failure_in_its_words()
    {
        _api.On("PUT archive", async context =>
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
        _api.Listed = """[{"Id":"busy","Labels":{}},{"Id":"free","Labels":{}}]""";
        _api.On("DELETE busy", """{"message":"failed to remove root filesystem: device or resource busy"}""", StatusCodes.Status500InternalServerError);

        var exit = await RunAsync();
        var removed = await Engine().RemoveLeftoversAsync(1, CancellationToken.None);

        Assert.Equal(0, exit.ExitCode);
        Assert.Equal(1, removed);
        Assert.Contains(_api.Calls, c => c.StartsWith("DELETE ", StringComparison.Ordinal) && c.Contains("/containers/free", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cancelled_while_the_image_is_pulled_ends_the_pull()
    {
        using var cancel = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _api.On("GET json", context => Answer(context, context.Request.QueryString.HasValue ? 200 : 404, "[]"));
        _api.On("POST create", async context =>
        {
            await context.Response.WriteAsync("""{"status":"Pulling fs layer","id":"a"}""" + "\n");
            await context.Response.Body.FlushAsync();
            asked.SetResult();
            await FakeEngineApi.Hang(context);
        });
        var running = RunAsync(cancellationToken: cancel.Token);
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(1));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Pull_that_ends_with_an_error_in_its_stream_is_a_failure()
    {
        _api.On("GET json", context => Answer(context, context.Request.QueryString.HasValue ? 200 : 404, "[]"));
        _api.On("POST create", """{"status":"Pulling from library/x","id":"1"}""" + "\r\n" + """{"errorDetail":{"message":"toomanyrequests: slow down"},"error":"toomanyrequests: slow down"}""");

        var failure = await Assert.ThrowsAsync<StepFailure>(() => RunAsync());

        Assert.StartsWith("image devops-test/busybox:1 cannot be had: toomanyrequests: slow down.", failure.Message);
    }

    [Fact]
    public async Task Pull_that_claims_to_have_worked_is_checked()
    {
        _api.On("GET json", context => Answer(context, context.Request.QueryString.HasValue ? 200 : 404, "[]"));
        _api.On("POST create", """{"status":"Status: Downloaded newer image"}""");

        Assert.Contains("does not have it", (await Assert.ThrowsAsync<StepFailure>(() => RunAsync())).Message);
    }

    public async Task DisposeAsync()
    {
        _connections.ForEach(c => c.Dispose());
        await _api.DisposeAsync();
        _folders.Dispose();
    }

    private static async Task OomAndOnAsync(HttpContext context)
    {
        await context.Response.WriteAsync("""{"Action":"oom"}""" + "\n");
        await context.Response.Body.FlushAsync();
        await FakeEngineApi.Hang(context);
    }

    private static async Task Answer(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
    }

    private Task<ContainerExit> RunAsync(Func<ContainerRun, ContainerRun>? change = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        var run = DockerFixture.Run(_folders.Workspace, _folders.Destination, "true");
        return Engine(_api.Options, time).RunAsync(change is null ? run : change(run), _output, cancellationToken);
    }

    private DockerContainerEngine Engine() => Engine(_api.Options);

    private DockerContainerEngine Engine(DockerOptions options, TimeProvider? time = null, TimeProvider? connectionTime = null)
    {
        var connection = new DockerConnection(options, connectionTime ?? TimeProvider.System);
        _connections.Add(connection);
        return DockerFixture.CreateEngine(connection, options, time);
    }
}
