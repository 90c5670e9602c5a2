using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>The engine's word that a script ran out of memory: when it is believed, and how long it is listened for.</summary>
public sealed class MemoryWordTests : FakeEngineRoom
{
    [Fact]
    public async Task Word_about_memory_ends_the_listening_though_the_engine_would_go_on()
    {
        Api.ExitCode = 1;
        Api.On("GET events", OomAndOnAsync);

        var exit = await RunAsync().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((1, true), (exit.ExitCode, exit.OutOfMemory));
    }

    [Fact]
    public async Task Word_about_memory_that_comes_after_the_end_is_listened_for_when_the_script_was_killed()
    {
        Api.ExitCode = 137;
        Api.On("GET events", context => Api.Calls.Count(c => c.Contains("/events?", StringComparison.Ordinal)) == 1 ? Task.CompletedTask : OomAndOnAsync(context));

        var exit = await RunAsync().WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((137, true), (exit.ExitCode, exit.OutOfMemory));
    }

    [Theory]
    [InlineData(3, "", 1)]
    [InlineData(137, "", 2)]
    [InlineData(137, "kill", 1)]
    public async Task Script_that_ended_for_a_known_reason_is_not_listened_for_at_length(int code, string told, int looks)
    {
        Api.ExitCode = code;
        Api.On("GET events", told.Length > 0 ? $$"""{"Action":"{{told}}"}""" : "");

        var ended = await Record.ExceptionAsync(() => RunAsync());

        Assert.Equal(told.Length > 0, ended is EngineUnavailable);
        Assert.Equal(looks, Api.Calls.Count(c => c.Contains("/events?", StringComparison.Ordinal)));
    }

    private static async Task OomAndOnAsync(HttpContext context)
    {
        await context.Response.WriteAsync("""{"Action":"oom"}""" + "\n");
        await context.Response.Body.FlushAsync();
        await FakeEngineApi.Hang(context);
    }
}
