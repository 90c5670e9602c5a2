using DevOps.Core.Projects;

namespace DevOps.Tests.Core.Projects;

public sealed class RollingSpecTests
{
    [Theory]
    [InlineData(1, "1", 3, "1 1 1")]
    [InlineData(1, "25%", 9, "1 3 3 2")]
    [InlineData(0, "2", 5, "2 2 1")]
    [InlineData(2, "100%", 6, "2 4")]
    [InlineData(9, "1", 3, "3")]
    [InlineData(1, "50%", 1, "1")]
    public void Servers_are_taken_first_ones_first_and_then_in_batches(int first, string batch, int servers, string sizes)
    {
        var portions = new RollingSpec { First = first, Batch = batch }.Portions([.. Enumerable.Range(1, servers)]);

        Assert.Equal(sizes, string.Join(' ', portions.Select(p => p.Count)));
        Assert.Equal(Enumerable.Range(1, servers), portions.SelectMany(p => p));
    }
}
