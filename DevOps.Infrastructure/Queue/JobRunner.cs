using DevOps.Core.Queue;
using Microsoft.Extensions.Logging;

namespace DevOps.Infrastructure.Queue;

/// <summary>Runs one turn of one job: handler, lease keeper beside it, and the end of it written down if it is still ours to write.</summary>
public sealed class JobRunner(QueueRoom room, JobHandlers handlers, ILogger<JobRunner> logger)
{
    /// <summary>The kinds that can be done here: errands, or what takes a runner.</summary>
    public IReadOnlyCollection<string> Kinds(bool errands) => handlers.Kinds(errands);

    /// <summary>Runs the turn to its end, or to its interruption.</summary>
    /// <param name="job">The job as it was taken.</param>
    /// <param name="worker">The name it was taken under.</param>
    /// <param name="takenAt">Timestamp from before it was taken.</param>
    /// <param name="house">When to drop it.</param>
    /// <param name="next">Who takes over its slot.</param>
    public async Task RunAsync(Job job, string worker, long takenAt, HouseTokens house, JobSuccession next)
    {
        using var scope = logger.BeginScope(new Dictionary<string, object>(StringComparer.Ordinal) { ["JobId"] = job.Id, ["JobKind"] = job.Kind });
        using var turn = new JobTurn(job, worker, logger);
        if (job.CancelRequestedAt is not null)
        {
            turn.Stop(StopReason.CancelRequested);
        }

        await using var keeper = new LeaseKeeper(room, turn, takenAt, logger);
        await using var closing = house.Interrupt.Register(() => turn.Stop(StopReason.HouseStopping));
        var context = new JobContext(turn);
        var outcome = await TakeTurnAsync(context);
        outcome = await GiveUpWhenUsedUpAsync(context, outcome);
        await WriteDownAsync(turn, outcome, next, house.Leave);
    }

    private async Task<JobOutcome> TakeTurnAsync(JobContext context)
    {
        var job = context.Job;
        if (job.Attempt > job.MaxAttempts)
        {
            return JobOutcome.RetryAt(room.Time.GetUtcNow(), job.Error ?? "It was tried too often.");
        }

        return await GuardAsync(context, () => handlers.For(job.Kind).RunAsync(context));
    }

    private async Task<JobOutcome> GiveUpWhenUsedUpAsync(JobContext context, JobOutcome outcome)
    {
        if (outcome is not JobOutcome.Retry retry || !context.IsLastAttempt)
        {
            return outcome;
        }

        var error = $"Given up after attempt {Math.Min(context.Job.Attempt, context.Job.MaxAttempts)} of {context.Job.MaxAttempts}: {retry.Error}";
        return await GuardAsync(context, async () =>
        {
            await handlers.For(context.Job.Kind).GiveUpAsync(context, error);
            return JobOutcome.Discard(error);
        });
    }

    private async Task<JobOutcome> GuardAsync(JobContext context, Func<Task<JobOutcome>> run)
    {
        try
        {
            return await run();
        }
        catch (LeaseLost lost)
        {
            logger.LogWarning("{Reason}", lost.Message);
            context.Lose();
            return JobOutcome.Interrupted;
        }
        catch (Exception exception) when (context.Stopping.IsCancellationRequested)
        {
            // Whatever breaks while it is being dropped broke because of that: not a failure of the job.
            logger.LogDebug(exception, "Job {Job} was stopped ({Reason})", context.Job.Id, context.Reason);
            return JobOutcome.Interrupted;
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "Attempt {Attempt} of job {Job} failed", context.Job.Attempt, context.Job.Id);
            return JobOutcome.RetryAt(room.Retry.NextTry(context.Job.Attempt), exception.Message);
        }
    }

    /// <summary>Tries until the database has answered: what is done must not be done again because the database was away for a while.</summary>
    private async Task WriteDownAsync(JobTurn turn, JobOutcome outcome, JobSuccession next, CancellationToken leave)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                if (!await WriteAsync(turn, outcome, next, leave))
                {
                    logger.LogWarning("The end of job {Job}, attempt {Attempt}, was refused: it is not ours any more", turn.Job.Id, turn.Job.Attempt);
                }

                return;
            }
            catch (Exception exception) when (!leave.IsCancellationRequested)
            {
                logger.LogWarning("The end of job {Job} could not be written ({Reason}); trying again", turn.Job.Id, exception.Message);
                var pause = QueueRoom.Jittered(TimeSpan.FromMilliseconds(Math.Min(5000, 200 * Math.Pow(2, Math.Min(failures, 10)))));
                await Task.Delay(pause, room.Time, leave);
            }
        }
    }

    private Task<bool> WriteAsync(JobTurn turn, JobOutcome outcome, JobSuccession next, CancellationToken cancellationToken) => outcome switch
    {
        JobOutcome.Finished => room.Queue.CompleteAsync(turn.Fence, cancellationToken, next),
        JobOutcome.Refused refused => room.Queue.FailAsync(turn.Fence, refused.Error, cancellationToken, next),
        JobOutcome.Postponed later => room.Queue.PostponeAsync(turn.Job, turn.Fence, later.At - room.Time.GetUtcNow(), later.Foremost, cancellationToken),
        JobOutcome.Retry retry => room.Queue.RetryAfterAsync(turn.Fence, retry.At - room.Time.GetUtcNow(), retry.Error, cancellationToken),
        _ => DropAsync(turn, next, cancellationToken),
    };

    private async Task<bool> DropAsync(JobTurn turn, JobSuccession next, CancellationToken cancellationToken)
    {
        switch (turn.Reason)
        {
            case StopReason.CancelRequested:
                return await room.Queue.EndCancelledAsync(turn.Fence, cancellationToken, next);
            case StopReason.HouseStopping:
                var released = await room.Queue.ReleaseAsync(turn.Fence, cancellationToken);
                room.Signal.Wake(turn.Job.Kind);
                return released;
            case StopReason.LeaseLost:
                // The rescue gives it to the next holder; the attempt counts, or a job that starves its keeper would go on for ever.
                return true;
            default:
                var pause = room.Retry.Pause(Math.Max(1, turn.Job.Attempt));
                return await room.Queue.RetryAfterAsync(turn.Fence, pause, "It stopped without being told to.", cancellationToken);
        }
    }
}
