using System.Collections.Concurrent;
using DevOps.Core.Queue;
using DevOps.Infrastructure.Queue;

namespace DevOps.Tests.Infrastructure.Queue;

/// <summary>A handler that does what the test says and tells of every turn.</summary>
internal sealed class ScriptedHandler(string kind, Func<JobContext, Task<JobOutcome>> run) : IJobHandler
{
    private readonly System.Threading.Channels.Channel<JobContext> _turns = System.Threading.Channels.Channel.CreateUnbounded<JobContext>();

    public string Kind => kind;

    public ConcurrentQueue<string> GivenUp { get; } = new();

    public Action OnGiveUp { get; init; } = () => { };

    /// <summary>A turn that lasts until it is told to stop.</summary>
    public static ScriptedHandler Endless(string kind) => new(kind, async context =>
    {
        await Task.Delay(Timeout.Infinite, context.Stopping);
        return JobOutcome.Done;
    });

    public async Task<JobContext> NextTurnAsync() => await _turns.Reader.ReadAsync().AsTask().WaitAsync(QueueProcess.Patience);

    public async Task<JobOutcome> RunAsync(JobContext context)
    {
        _turns.Writer.TryWrite(context);
        return await run(context);
    }

    public Task GiveUpAsync(JobContext context, string error)
    {
        GivenUp.Enqueue(error);
        OnGiveUp();
        return Task.CompletedTask;
    }
}
