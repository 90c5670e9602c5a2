using DevOps.Core.Queue;
using DevOps.Infrastructure.Queue;

namespace DevOps.Infrastructure.Applications;

/// <summary>Ends the row that held the deploy lock for a start, stop or restart whose process died in the midst of it. What was told to a server is not told again.</summary>
internal sealed class ControlLock : IJobHandler
{
    public const string Word = "control";

    public string Kind => Word;

    public Task<JobOutcome> RunAsync(JobContext context) => Task.FromResult(JobOutcome.Done);
}
