using DevOps.Core.Queue;

namespace DevOps.Infrastructure.Queue;

/// <summary>Does the jobs of one kind. Registered as a singleton; called for several jobs at once.
/// Every turn may be the second one of the same job (its earlier holder died): what is done must be safe to do again.</summary>
public interface IJobHandler
{
    /// <summary>The word that picks this handler.</summary>
    string Kind { get; }

    /// <summary>Whether its jobs are short errands, which have slots of their own: they take none from a deployment and wait for none.</summary>
    bool IsErrand => false;

    /// <summary>Runs one turn. An exception counts as <see cref="JobOutcome.RetryAt"/> with backoff; an <see cref="OperationCanceledException"/>
    /// after <see cref="JobContext.Stopping"/> fired counts as <see cref="JobOutcome.Interrupted"/>.
    /// A job that was cancelled after an earlier turn had begun it starts with <see cref="JobContext.Stopping"/> already fired, so that it can wind up.</summary>
    Task<JobOutcome> RunAsync(JobContext context);

    /// <summary>Called before the job goes to failed because its attempts are used up (every try failed, or its workers went silent), so that
    /// what the job stood for does not stay unfinished. May be called more than once.</summary>
    /// <param name="context">The turn; its guarded writes work as in <see cref="RunAsync"/>.</param>
    /// <param name="error">Why no further try is made.</param>
    Task GiveUpAsync(JobContext context, string error) => Task.CompletedTask;
}
