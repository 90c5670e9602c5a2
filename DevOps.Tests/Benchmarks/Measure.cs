using System.Diagnostics;
using System.Globalization;

namespace DevOps.Tests.Benchmarks;

/// <summary>Times things in turn, so that what drifts on the machine meets all of them alike, and prints medians beside the baseline's.</summary>
/// <param name="output">Where the table goes.</param>
/// <param name="repetitions">How often each is timed.</param>
/// <param name="before">What is done, untimed, before each.</param>
internal sealed class Measure(TextWriter output, int repetitions, Func<Task>? before = null)
{
    private readonly List<(string Name, Func<int, Task> Run)> _all = [];

    /// <summary>Adds something; the first one is the baseline. It gets the number of the repetition, 0 being the one that does not count.</summary>
    public Measure Add(string name, Func<int, Task> run)
    {
        _all.Add((name, run));
        return this;
    }

    /// <summary>Runs all of them, in turn, and prints a table.</summary>
    /// <returns>The medians, in seconds, in the order they were added.</returns>
    public async Task<IReadOnlyList<double>> RunAsync()
    {
        var times = _all.Select(_ => new List<double>()).ToList();
        for (var n = 0; n <= repetitions; n++)
        {
            for (var i = 0; i < _all.Count; i++)
            {
                await (before?.Invoke() ?? Task.CompletedTask);
                var clock = Stopwatch.StartNew();
                await _all[i].Run(n);
                if (n > 0)
                {
                    times[i].Add(clock.Elapsed.TotalSeconds);
                }
            }
        }

        await output.WriteLineAsync($"| what | median s | min–max s | × of the first | (n = {repetitions})");
        await output.WriteLineAsync("|---|---|---|---|");
        var first = Median(times[0]);
        foreach (var (name, list) in _all.Select((a, i) => (a.Name, times[i])))
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"| {name} | {Median(list):F3} | {list.Min():F3}–{list.Max():F3} | {Median(list) / first:F2} |"));
        }

        await output.WriteLineAsync();
        return [.. times.Select(Median)];
    }

    /// <summary>The middle one.</summary>
    public static double Median(IEnumerable<double> values) => Percentile(values, 50);

    /// <summary>The one below which so many percent lie.</summary>
    public static double Percentile(IEnumerable<double> values, int percent)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
    }
}
