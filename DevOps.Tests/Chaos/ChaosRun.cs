using System.Diagnostics;
using System.Globalization;

namespace DevOps.Tests.Chaos;

/// <summary>Faults by chance, one after the other, for as long as one likes: <c>./test.sh --chaos MINUTES</c>.</summary>
internal static class ChaosRun
{
    public static async Task<int> RunAsync(double minutes, TextWriter output)
    {
        var seed = Environment.GetEnvironmentVariable("DEVOPS_TEST_SEED") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
        await output.WriteLineAsync($"Seed {seed} (DEVOPS_TEST_SEED={seed} repeats the choice)");
        var random = new Random(seed);
        var room = new FaultRoom();
        await room.InitializeAsync();
        var clock = Stopwatch.StartNew();
        var done = 0;
        try
        {
            for (; clock.Elapsed.TotalMinutes < minutes; done++)
            {
                var fault = Next(random);
                await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed:hh\\:mm\\:ss} {fault.Name}"));
                await FaultRun.TryAsync(room, fault);
            }
        }
        finally
        {
            await room.DisposeAsync();
        }

        await output.WriteLineAsync($"{done} faults, each with its true end, nothing left behind, and a good deployment after it.");
        return 0;
    }

    /// <summary>One of the list, or the platform killed at a moment that no door marks.</summary>
    public static Fault Next(Random random) =>
        random.Next(3) == 0 ? FaultList.KillAfter(TimeSpan.FromMilliseconds(random.Next(4000))) : FaultList.All.Values.ElementAt(random.Next(FaultList.All.Count));
}
