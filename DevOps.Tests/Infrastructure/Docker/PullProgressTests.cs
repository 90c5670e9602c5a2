using DevOps.Infrastructure.Docker;
using DevOps.Tests.Fakes;

namespace DevOps.Tests.Infrastructure.Docker;

public sealed class PullProgressTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Many_ticks_become_a_line_now_and_then()
    {
        var progress = new PullProgress("node:22", _time);
        var lines = new List<string>();
        foreach (var n in Enumerable.Range(1, 1000))
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            if (progress.Take(new PullTick { Id = "a", Status = "Downloading", ProgressDetail = new PullDetail(n * 1000, 1_000_000) }) is { } line)
            {
                lines.Add(line);
            }
        }

        Assert.Equal(["pulling image node:22: 0 of 1 layers, 0.5 of 1.0 MB", "pulling image node:22: 0 of 1 layers, 1.0 of 1.0 MB"], lines);
    }

    [Fact]
    public void Layers_are_counted_until_all_are_there()
    {
        var progress = new PullProgress("node:22", _time);
        progress.Take(new PullTick { Id = "22", Status = "Pulling from library/node" });
        progress.Take(new PullTick { Id = "a", Status = "Already exists" });
        progress.Take(new PullTick { Id = "b", Status = "Pulling fs layer" });
        progress.Take(new PullTick { Id = "b", Status = "Downloading", ProgressDetail = new PullDetail(1, 2_000_000) });
        Assert.Equal("pulling image node:22: 1 of 2 layers, 0.0 of 2.0 MB", progress.Summary());

        progress.Take(new PullTick { Id = "b", Status = "Download complete" });
        progress.Take(new PullTick { Id = "b", Status = "Pull complete" });

        Assert.Equal("pulling image node:22: 2 of 2 layers, 2.0 of 2.0 MB", progress.Summary());
        Assert.Null(progress.Error);
    }
}
