using DevOps.Tests.Fixtures;

namespace DevOps.Tests.Benchmarks;

/// <summary>Runs benchmarks by name, all of them when none is named: <c>./test.sh --bench</c>. Each prints a table with its baseline beside it.</summary>
internal static class BenchmarkRun
{
    private static readonly Dictionary<string, Func<TextWriter, Task>> All = new(StringComparer.OrdinalIgnoreCase)
    {
        ["build"] = BuildBenchmark.RunAsync,
        ["deployment"] = DeploymentBenchmark.RunAsync,
        ["fanout"] = FanOutBenchmark.RunAsync,
        ["idle"] = IdleBenchmark.RunAsync,
        ["lists"] = ListsBenchmark.RunAsync,
        ["log"] = LogBenchmark.RunAsync,
        ["queue"] = QueueBenchmark.RunAsync,
        ["upload"] = UploadBenchmark.RunAsync,
        ["webhook"] = WebhookBenchmark.RunAsync,
    };

    public static async Task<int> RunAsync(IReadOnlyCollection<string> names, TextWriter output)
    {
        if (names.FirstOrDefault(n => !All.ContainsKey(n)) is { } unknown)
        {
            await output.WriteLineAsync($"No benchmark is called {unknown}; there are: {string.Join(", ", All.Keys)}");
            return 2;
        }

        try
        {
            foreach (var (name, run) in All.Where(b => names.Count == 0 || names.Contains(b.Key, StringComparer.OrdinalIgnoreCase)))
            {
                await output.WriteLineAsync($"## {name}");
                await run(output);
            }
        }
        finally
        {
            await SuiteFramework.EndAsync();
        }

        return 0;
    }
}
