using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.EndToEnd;

/// <summary>The platform as a process of its own, so that it can be killed.</summary>
internal sealed class PlatformProcess : IAsyncDisposable
{
    /// <summary>The administrator's.</summary>
    public const string Password = "correct horse battery";

    private readonly Process _process;

    private PlatformProcess(Process process, HttpClient client)
    {
        _process = process;
        Client = client;
    }

    /// <summary>Signed in as the administrator.</summary>
    public HttpClient Client { get; }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="folder">Its data folder.</param>
    /// <param name="database">Its database; empty for the embedded one.</param>
    /// <param name="engine">Its container engine.</param>
    /// <param name="settings">What else is set in its environment.</param>
    public static async Task<PlatformProcess> StartAsync(string folder, string database, string engine, IReadOnlyDictionary<string, string>? settings = null)
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        var host = Environment.GetEnvironmentVariable("DEVOPS_TEST_PLATFORM") ?? Path.Combine(Repository.Root, "DevOps.Blazor", "bin", configuration, "net10.0");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(host, "DevOps.Blazor.dll")]) { WorkingDirectory = host, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["DEVOPS_PORT"] = "0";
        start.Environment["DEVOPS_DATA"] = folder;
        start.Environment["DEVOPS_ADMIN_USER"] = "root-admin";
        start.Environment["DEVOPS_ADMIN_PASSWORD"] = Password;
        start.Environment["DEVOPS_ALLOW_FILE_REPOSITORIES"] = "true";
        start.Environment["DOCKER_HOST"] = engine;
        start.Environment["ConnectionStrings__Default"] = database;
        foreach (var (name, value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        try
        {
            var client = new HttpClient { BaseAddress = new Uri(await ListeningAsync(process)) };
            using var answer = await client.GetAsync("/healthz");
            answer.EnsureSuccessStatusCode();
            var readyAfter = clock.Elapsed;
            await SignInAsync(client);
            return new PlatformProcess(process, client) { ReadyAfter = readyAfter };
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>How long it took from its start until it answered.</summary>
    public TimeSpan ReadyAfter { get; private init; }

    /// <summary>Its process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Ends it as a power cut does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends a request and reads the answer.</summary>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/v1/" + path) { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Follows a deployment's event stream until a line holds a text.</summary>
    public async Task FollowAsync(long id, string until)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/deployments/{id}/log");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));
        while (await reader.ReadLineAsync(limit.Token) is { } line && !line.Contains(until, StringComparison.Ordinal))
        {
            // What comes before is not what is waited for.
        }
    }

    /// <summary>Asks it to end and waits until it has, with all it started.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync();
    }

    /// <summary>Sends it a signal.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Client.Dispose();
        _process.Dispose();
    }

    private static async Task<string> ListeningAsync(Process process)
    {
        const string Mark = "Now listening on: ";
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (line.IndexOf(Mark, StringComparison.Ordinal) is var at && at >= 0)
            {
                // Nobody reads on otherwise, and a full pipe would stop the platform.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return line[(at + Mark.Length)..].Trim();
            }
        }

        throw new InvalidOperationException("The platform ended: " + string.Join('\n', said));
    }

    private static async Task SignInAsync(HttpClient client)
    {
        using var answer = await client.PostAsJsonAsync("/api/v1/auth/token", new { username = "root-admin", password = Password });
        answer.EnsureSuccessStatusCode();
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }
}
