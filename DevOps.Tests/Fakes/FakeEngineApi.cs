using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DevOps.Infrastructure.Docker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace DevOps.Tests.Fakes;

/// <summary>A container engine that speaks the engine's HTTP and lies where it is told to. Untold, every run prints one line and ends well.</summary>
public sealed class FakeEngineApi : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly ConcurrentDictionary<string, RequestDelegate> _answers = new();

    private FakeEngineApi(WebApplication host) => _host = host;

    /// <summary>Methods and paths that were asked for, oldest first.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Containers that it lists, as JSON.</summary>
    public string Listed { get; set; } = "[]";

    /// <summary>How the scripts of all containers ended.</summary>
    public int ExitCode { get; set; }

    /// <summary>Its address.</summary>
    public Uri Address => new(_host.Urls.Single());

    /// <summary>Options that lead here.</summary>
    public DockerOptions Options => new() { Host = $"tcp://{Address.Host}:{Address.Port}", Installation = "fake" };

    /// <summary>Starts on a free port of loopback.</summary>
    /// <param name="certificate">Speaks TLS with this certificate and asks for one of the client.</param>
    public static async Task<FakeEngineApi> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate, https =>
                {
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        var host = builder.Build();
        var engine = new FakeEngineApi(host);
        engine.AnswerWell();
        host.Run(engine.AnswerAsync);
        await host.StartAsync();
        return engine;
    }

    /// <summary>Tells it how to answer.</summary>
    /// <param name="call">Method and last part of the path: <c>POST wait</c>.</param>
    /// <param name="answer">The answer.</param>
    public void On(string call, RequestDelegate answer) => _answers[call] = answer;

    /// <summary>Tells it to answer with a text.</summary>
    public void On(string call, string body, int status = StatusCodes.Status200OK) => On(call, async context =>
    {
        context.Response.StatusCode = status;
        if (body.Length > 0)
        {
            await context.Response.WriteAsync(body);
        }
    });

    /// <summary>Breaks the connection off, as an engine does that is killed.</summary>
    public static Task BreakOff(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Never answers.</summary>
    public static Task Hang(HttpContext context) => Task.Delay(Timeout.Infinite, context.RequestAborted);

    /// <summary>One frame of a container's output.</summary>
    public static byte[] Frame(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        return [1, 0, 0, 0, 0, 0, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _host.StopAsync(now.Token);
        await _host.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Calls.Enqueue($"{context.Request.Method} {path}{context.Request.QueryString}");
        var last = path[(path.LastIndexOf('/') + 1)..];
        var answer = _answers.GetValueOrDefault($"{context.Request.Method} {last}") ?? _answers[context.Request.Method];
        await answer(context);
    }

    private void AnswerWell()
    {
        On("GET version", """{"Version":"27.0","ApiVersion":"1.45","MinAPIVersion":"1.24","Os":"linux","Arch":"amd64"}""");
        On("GET info", """{"NCPU":2}""");
        On("POST create", """{"Id":"c1"}""", StatusCodes.Status201Created);
        On("POST attach", context => context.Response.Body.WriteAsync(Frame("one line\n")).AsTask());
        On("POST wait", """{"StatusCode":0}""");
        On("GET archive", """{"message":"no such path"}""", StatusCodes.Status404NotFound);
        On("PUT archive", context => context.Request.Body.CopyToAsync(Stream.Null));
        On("GET json", context => context.Response.WriteAsync(
            context.Request.Path.Value!.Contains("/images/", StringComparison.Ordinal) ? """{"Id":"sha256:1","Config":{"User":""}}"""
            : context.Request.QueryString.HasValue ? Listed
            : $$$"""{"State":{"Running":false,"OOMKilled":false,"ExitCode":{{{ExitCode}}},"StartedAt":"2026-01-01T00:00:00.1Z","FinishedAt":"2026-01-01T00:00:01.1Z"}}"""));
        On("GET events", "");
        On("POST", "", StatusCodes.Status204NoContent);
        On("DELETE", "", StatusCodes.Status204NoContent);
    }
}
