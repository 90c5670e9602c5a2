using System.Net.Sockets;
using System.Text.Json;
using DevOps.Blazor.Access;
using DevOps.Blazor.Api;
using DevOps.Core.Pipeline;
using DevOps.Core.Refusals;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace DevOps.Tests.Blazor.Api;

public sealed class RefusalHandlerTests
{
    public static TheoryData<Exception, int> Refusals() => new()
    {
        { new InvalidInput("name", "Bad."), 400 },
        { new SignedOut(), 401 },
        { new Forbidden("No."), 403 },
        { new NotFound("project shop"), 404 },
        { new Conflict("exists", "There."), 409 },
        { new HostKeyChanged("app-1", "SHA256:a", "SHA256:b"), 409 },
        { new Stale("Project shop"), 412 },
        { new DbUpdateConcurrencyException("stale"), 412 },
        { new Unavailable("Away."), 503 },
        { new EngineUnavailable("Away."), 503 },
        { new HostUnreachable("app-1", "Away."), 503 },
        { new NpgsqlException("refused at 10.0.0.5", new SocketException(111)), 503 },
        { new InvalidOperationException("inner secret"), 500 },
        { new TimeoutException("inner secret"), 500 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_has_its_status(Exception exception, int status)
    {
        var (actual, problem) = await AnswerAsync(exception);
        Assert.Equal(status, actual);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Fault_of_ours_says_nothing_of_its_cause(Exception exception, int status)
    {
        var (_, problem) = await AnswerAsync(exception);
        var text = problem.ToString();
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.5", text, StringComparison.Ordinal);
        Assert.Equal(status == 409, problem.TryGetProperty("reason", out _));
        Assert.Equal(status == 400, problem.TryGetProperty("errors", out _));
    }

    [Fact]
    public async Task Pages_are_left_to_their_own_handler()
    {
        var context = Context("/projects");
        Assert.False(await new RefusalHandler(NullLogger<RefusalHandler>.Instance).TryHandleAsync(context, new NotFound("x"), CancellationToken.None));
    }

    private static async Task<(int Status, JsonElement Problem)> AnswerAsync(Exception exception)
    {
        var context = Context("/api/v1/x");
        Assert.True(await new RefusalHandler(NullLogger<RefusalHandler>.Instance).TryHandleAsync(context, exception, CancellationToken.None));
        context.Response.Body.Position = 0;
        using var document = await JsonDocument.ParseAsync(context.Response.Body);
        return (context.Response.StatusCode, document.RootElement.Clone());
    }

    private static DefaultHttpContext Context(string path)
    {
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider() };
        context.Request.Path = path;
        context.Response.Body = new MemoryStream();
        return context;
    }
}
