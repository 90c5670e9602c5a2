namespace DevOps.Infrastructure.Queue;

/// <summary>The order of the thread pool's common queue, in which nobody is overtaken. What a thread queues in the ordinary way is its own, and comes in any order.</summary>
internal static class FairTurn
{
    /// <summary>Runs something behind what is queued there already.</summary>
    public static Task Run(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.PreferFairness | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();

    /// <summary>Ends behind what is queued there already: those who are about to do something in this moment have done it.</summary>
    public static Task WaitAsync() => Run(static () => Task.CompletedTask);
}
