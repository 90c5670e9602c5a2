using DevOps.Tests.Benchmarks;
using DevOps.Tests.Infrastructure.Queue;

namespace DevOps.Tests;

/// <summary>The test runner does not come through here: this is for benchmarks and for children that tests start to kill them.</summary>
public static class Entry
{
    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["bench", .. var names]:
                return await BenchmarkRun.RunAsync(names, Console.Out);
            case ["chaos", var minutes] when double.TryParse(minutes, System.Globalization.CultureInfo.InvariantCulture, out var time):
                return await Chaos.ChaosRun.RunAsync(time, Console.Out);
            case [QueueChild.Command]:
                return await QueueChild.RunAsync();
            default:
                await Console.Error.WriteLineAsync("Usage: dotnet DevOps.Tests.dll bench [name…] | chaos MINUTES");
                return 2;
        }
    }
}
