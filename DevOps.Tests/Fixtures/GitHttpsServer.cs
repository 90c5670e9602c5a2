using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DevOps.Tests.Fixtures;

/// <summary>A git host on loopback: https with a certificate of its own, basic sign-in, git's own <c>http-backend</c> behind it.</summary>
public sealed class GitHttpsServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _root;

    private GitHttpsServer(string root, WebApplication app, string caFile)
    {
        _root = root;
        _app = app;
        CaFile = caFile;
    }

    /// <summary>The certificate, in PEM form.</summary>
    public string CaFile { get; }

    /// <summary>Password that opens the repositories.</summary>
    public string Token { get; } = "t0ken-" + Guid.NewGuid().ToString("N");

    /// <summary>Users that came with the right token.</summary>
    public List<string> SignedIn { get; } = [];

    /// <summary>Paths below this word are sent on to another address.</summary>
    public string? RedirectTo { get; set; }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Serves all repositories below a folder.</summary>
    public static async Task<GitHttpsServer> StartAsync(string root)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var caFile = Path.Combine(root, $"ca-{Guid.NewGuid():N}.pem");
        await File.WriteAllTextAsync(caFile, certificate.ExportCertificatePem());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        var server = new GitHttpsServer(root, app, caFile);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (RedirectTo is { } other)
        {
            context.Response.Redirect(other + context.Request.Path + context.Request.QueryString);
            return;
        }

        var basic = context.Request.Headers.Authorization.ToString();
        var parts = basic.StartsWith("Basic ", StringComparison.Ordinal) ? Encoding.UTF8.GetString(Convert.FromBase64String(basic[6..])).Split(':', 2) : [];
        if (parts.Length != 2 || !string.Equals(parts[1], Token, StringComparison.Ordinal))
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"git\"";
            return;
        }

        lock (SignedIn)
        {
            SignedIn.Add(parts[0]);
        }

        await RunBackendAsync(context);
    }

    private async Task RunBackendAsync(HttpContext context)
    {
        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["GIT_PROJECT_ROOT"] = _root;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["GIT_CONFIG_COUNT"] = "1";
        start.Environment["GIT_CONFIG_KEY_0"] = "safe.directory";
        start.Environment["GIT_CONFIG_VALUE_0"] = "*";
        start.Environment["PATH_INFO"] = context.Request.Path;
        start.Environment["QUERY_STRING"] = context.Request.QueryString.ToString().TrimStart('?');
        start.Environment["REQUEST_METHOD"] = context.Request.Method;
        start.Environment["CONTENT_TYPE"] = context.Request.ContentType ?? "";
        start.Environment["HTTP_CONTENT_ENCODING"] = context.Request.Headers.ContentEncoding.ToString();
        start.Environment["GIT_PROTOCOL"] = context.Request.Headers["Git-Protocol"].ToString();
        using var process = Process.Start(start)!;
        await context.Request.Body.CopyToAsync(process.StandardInput.BaseStream);
        process.StandardInput.Close();
        using var answer = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(answer);
        await process.WaitForExitAsync();
        await WriteAnswerAsync(context, answer.ToArray());
    }

    private static async Task WriteAnswerAsync(HttpContext context, byte[] answer)
    {
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var header in Encoding.ASCII.GetString(answer, 0, end).Split("\r\n").Select(h => h.Split(": ", 2)))
        {
            if (header[0] is "Status")
            {
                context.Response.StatusCode = int.Parse(header[1][..3], CultureInfo.InvariantCulture);
            }
            else
            {
                context.Response.Headers[header[0]] = header[1];
            }
        }

        await context.Response.Body.WriteAsync(answer.AsMemory(end + 4));
    }
}
