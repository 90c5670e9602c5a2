using DevOps.Core.Pipeline;
using DevOps.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace DevOps.Tests.Infrastructure.Docker;

/// <summary>Pulls of an image that are cancelled, fail or lie.</summary>
public sealed class ImagePullTests : FakeEngineRoom
{
    [Fact]
    public async Task Cancelled_while_the_image_is_pulled_ends_the_pull()
    {
        using var cancel = new CancellationTokenSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Api.On("GET json", context => Answer(context, context.Request.QueryString.HasValue ? 200 : 404, "[]"));
        Api.On("POST create", async context =>
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
        Api.On("GET json", context => Answer(context, context.Request.QueryString.HasValue ? 200 : 404, "[]"));
        Api.On("POST create", """{"status":"Pulling from library/x","id":"1"}""" + "\r\n" + """{"errorDetail":{"message":"toomanyrequests: slow down"},"error":"toomanyrequests: slow down"}""");

        var failure = await Assert.ThrowsAsync<StepFailure>(() => RunAsync());

        Assert.StartsWith("image devops-test/busybox:1 cannot be had: toomanyrequests: slow down.", failure.Message);
    }

    [Fact]
    public async Task Pull_that_claims_to_have_worked_is_checked()
    {
        Api.On("GET json", context => Answer(context, context.Request.QueryString.HasValue ? 200 : 404, "[]"));
        Api.On("POST create", """{"status":"Status: Downloaded newer image"}""");

        Assert.Contains("does not have it", (await Assert.ThrowsAsync<StepFailure>(() => RunAsync())).Message);
    }

    private static async Task Answer(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
    }
}
