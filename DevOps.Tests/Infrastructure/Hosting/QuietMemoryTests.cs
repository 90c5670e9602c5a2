using DevOps.Infrastructure.Hosting;

namespace DevOps.Tests.Infrastructure.Hosting;

public sealed class QuietMemoryTests : IDisposable
{
    private const long Much = 64 << 20;
    private const long Little = 1 << 20;

    private readonly QuietMemory _memory;
    private long _allocated;
    private int _given;

    public QuietMemoryTests() => _memory = new QuietMemory(TimeProvider.System, () => _allocated, () => _given++);

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Busy_process_keeps_its_memory()
    {
        for (var look = 0; look < 10; look++)
        {
            Look(Much);
        }

        Assert.Equal(0, _given);
    }

    [Fact]
    public void Process_that_comes_to_rest_gives_back_once()
    {
        Look(Much);
        Look(Little);
        Look(Little);
        Look(0);

        Assert.Equal(1, _given);
    }

    [Fact]
    public void Process_that_was_busy_again_gives_back_again()
    {
        Look(Much);
        Look(Little);
        Look(Much);
        Look(Little);

        Assert.Equal(2, _given);
    }

    [Fact]
    public void Little_by_little_is_worth_it_in_the_end()
    {
        for (var look = 0; look < 40; look++)
        {
            Look(Little);
        }

        Assert.Equal(2, _given);
    }

    private void Look(long allocated)
    {
        _allocated += allocated;
        _memory.Look();
    }
}
