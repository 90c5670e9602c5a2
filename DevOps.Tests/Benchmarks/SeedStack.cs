using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Benchmarks;

/// <summary>The system this platform takes the place of, for comparison: a web process, a broker and a worker with two children, started from beside the checkout with Debian's own packages.</summary>
internal sealed class SeedStack : IAsyncDisposable
{
    /// <summary>The secret its door is written with.</summary>
    public const string Secret = "webhook-secret";

    private const string Python = "/usr/bin/python3";
    private readonly string _folder = Directory.CreateTempSubdirectory("seed").FullName;
    private readonly List<Process> _processes = [];

    private SeedStack(int port) => Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/webhook/github"));

    /// <summary>Its door.</summary>
    public Uri Address { get; }

    /// <summary>How many jobs its worker has begun.</summary>
    public int Started => File.Exists(Path.Combine(_folder, "started")) ? File.ReadLines(Path.Combine(_folder, "started")).Count() : 0;

    /// <summary>Starts it; null when it is not there or its packages are not installed.</summary>
    public static async Task<SeedStack?> StartAsync()
    {
        if (!SharedFolder.Has("bench/seed") || !File.Exists("/usr/bin/redis-server") || !await CanAsync())
        {
            return null;
        }

        var (web, redis) = (FreePort(), FreePort());
        var stack = new SeedStack(web);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SEED_DIR"] = stack._folder,
            ["SEED_REDIS"] = string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{redis}"),
            ["PYTHONPATH"] = SharedFolder.Of("bench/seed"),
            ["PYTHONDONTWRITEBYTECODE"] = "1",
            ["SEED_TASK_DB"] = "1",
        };
        stack.Start("/usr/bin/redis-server", ["--port", Text(redis), "--bind", "127.0.0.1", "--dir", stack._folder], environment);
        await ListensAsync(redis);
        using (var init = stack.Start(Python, ["-c", "import app; app.init()"], environment))
        {
            await init.WaitForExitAsync();
            stack._processes.Remove(init);
        }

        stack.Start(Python, ["-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", Text(web), "--log-level", "warning"], environment);
        stack.Start(Python, ["-m", "celery", "-A", "app.celery", "worker", "-c", "2", "--loglevel", "WARNING"], environment);
        await ListensAsync(web);
        return stack;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<bool> CanAsync()
    {
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", "import fastapi, sqlalchemy, celery, redis, uvicorn"]) { RedirectStandardError = true, UseShellExecute = false });
        await process!.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private Process Start(string program, IEnumerable<string> arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        _processes.Add(process);
        return process;
    }

    private static async Task ListensAsync(int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(100, limit.Token);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
