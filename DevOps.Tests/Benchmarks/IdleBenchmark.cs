using System.Diagnostics;
using System.Globalization;
using DevOps.Tests.EndToEnd;
using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Benchmarks;

/// <summary>How soon the platform is ready, and what it holds while one page is open and nothing happens: proportional set sizes, its own and its embedded database's.</summary>
internal static class IdleBenchmark
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(TextWriter output)
    {
        var data = Directory.CreateTempSubdirectory("idle").FullName;
        File.SetUnixFileMode(data, (UnixFileMode)Convert.ToInt32("711", 8));
        try
        {
            TimeSpan firstTime;
            await using (var once = await StartAsync(data))
            {
                firstTime = once.ReadyAfter;
                await once.StopAsync();
            }

            await using var platform = await StartAsync(data);
            var bare = Pss(platform.ProcessId);

            var browser = await Chromium.GetAsync();
            await using var context = await browser.NewContextAsync(new Microsoft.Playwright.BrowserNewContextOptions { BaseURL = platform.Client.BaseAddress!.ToString() });
            await using var tab = new BrowserTab(context, await context.NewPageAsync());
            await tab.SignInAsync("root-admin", PlatformProcess.Password, "/projects");
            await Task.Delay(Quiet); // What the start and the page needed has time to go.
            await output.WriteLineAsync("| what | figure | aim |");
            await output.WriteLineAsync("|---|---|---|");
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| first start (database made) until it answers, s | {firstTime.TotalSeconds:F1} | |"));
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| second start until it answers, s | {platform.ReadyAfter.TotalSeconds:F1} | 3 |"));
            await output.WriteLineAsync($"| process after the start, PSS MiB | {bare} | |");
            await output.WriteLineAsync($"| process with one page open, quiet for {Quiet.TotalSeconds:F0} s, PSS MiB | {Pss(platform.ProcessId)} | 200 (150) |");
            await output.WriteLineAsync($"| embedded PostgreSQL, PSS MiB | {Postgres(data)} | 40 |");
            await output.WriteLineAsync();
            await platform.StopAsync();
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static Task<PlatformProcess> StartAsync(string data) => PlatformProcess.StartAsync(data, "", "unix:///run/no-engine.sock");

    private static long Postgres(string data)
    {
        var main = int.Parse(File.ReadLines(Path.Combine(data, "postgres", "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        return Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => n!.All(char.IsAsciiDigit)).Select(n => int.Parse(n!, CultureInfo.InvariantCulture))
            .Where(pid => pid == main || Field($"/proc/{pid}/status", "PPid:") == main).Sum(Pss);
    }

    private static long Pss(int process) => Field($"/proc/{process}/smaps_rollup", "Pss:") / 1024;

    private static long Field(string file, string name)
    {
        try
        {
            var line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return 0;
        }
    }
}
