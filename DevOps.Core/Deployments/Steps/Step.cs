using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Queue;
using DevOps.Core.Refusals;

namespace DevOps.Core.Deployments.Steps;

/// <summary>Runs one step and writes down how it ended.</summary>
internal static class Step
{
    /// <summary>Runs the work between the journal's two lines. A failure is said in the log, written down, and goes on to the caller as <see cref="StepFailure"/>.
    /// A cancelled step is left as it is: only the caller knows whether a person or the house stopped it.</summary>
    public static async Task<T> RunAsync<T>(IDeploymentJournal journal, StepName step, string? server, Func<ILogOutput, Task<T>> work, CancellationToken cancellationToken)
    {
        await journal.StepStartedAsync(step, server, cancellationToken);
        var log = journal.Log(step, server);
        T result;
        try
        {
            result = await work(log);
        }
        catch (Exception e) when (e is not OperationCanceledException and not LeaseLost)
        {
            // A fault of ours fails the step too: a deployment must never hang on it.
            var failure = e as StepFailure ?? new StepFailure($"The platform failed in this step: {Sentence.Of(e)}", null, e);
            await log.SayAsync(failure.Message, CancellationToken.None);
            await journal.StepEndedAsync(step, server, StepStatus.Failed, failure.ExitCode, CancellationToken.None);
            throw ReferenceEquals(failure, e) ? new StepFailure(failure.Said, failure.ExitCode, e) : failure;
        }

        await journal.StepEndedAsync(step, server, StepStatus.Succeeded, 0, cancellationToken);
        return result;
    }

    /// <summary>Notes that steps had nothing to do.</summary>
    public static async Task SkipAsync(IDeploymentJournal journal, string? server, CancellationToken cancellationToken, params StepName[] steps)
    {
        foreach (var step in steps)
        {
            if (journal.StatusOf(step, server) is StepStatus.Pending or StepStatus.Running)
            {
                await journal.StepEndedAsync(step, server, StepStatus.Skipped, null, cancellationToken);
            }
        }
    }
}
