namespace DevOps.Infrastructure.Queue;

/// <summary>The queue's statements. Leases live by the database's clock alone.</summary>
internal static class JobSql
{
    /// <summary>$1 kind, $2 payload, $3 priority, $4 delay, $5 lock key, $6 most attempts. By the database's clock: nobody waits because two clocks disagree.</summary>
    public const string Enqueue = $"""
        INSERT INTO jobs (kind, payload, state, priority, run_after, lock_key, attempt, max_attempts, created_at)
        VALUES ($1, $2::jsonb, 'available', $3, now() + $4, $5::text, 0, $6, now())
        RETURNING {Columns}
        """;

    /// <summary>What silent workers held becomes available again; answers how many there were.</summary>
    public const string Rescue = "SELECT rescue_jobs()";

    /// <summary>Never less than nothing: what ended already is the next rescue's.</summary>
    public const string NextLeaseEnd = "SELECT greatest(min(leased_until) - now(), interval '0') FROM jobs WHERE state = 'running'";

    /// <summary>Of the turns that end: $1 ids, $2 attempts, $3 workers, $4 final states, $5 errors. Of what is taken for their slots: $6 worker, $7 count, $8 lease, $9 kinds.
    /// Leaves out what somebody has locked and what is not the holder's any more. Answers what it changed; what was taken is running.</summary>
    public const string EndAndTake = $"SELECT {Columns} FROM end_and_take_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9) AS jobs";

    /// <summary>$4 lease. Answers whether somebody asked to cancel.</summary>
    public const string Renew = $"UPDATE jobs SET leased_until = now() + $4 WHERE {Mine} RETURNING cancel_requested_at IS NOT NULL";

    /// <summary>$4 final state, $5 error.</summary>
    public const string Finish = $"UPDATE jobs SET state = $4, finished_at = now(), error = $5::text, leased_by = NULL, leased_until = NULL WHERE {Mine}";

    /// <summary>$4 pause, $5 error.</summary>
    public const string Retry =
        $"UPDATE jobs SET state = 'available', run_after = now() + $4, error = $5::text, leased_by = NULL, leased_until = NULL WHERE {Mine}";

    /// <summary>The attempt is part of the fence and never falls; one more is allowed instead.</summary>
    public const string Release =
        $"UPDATE jobs SET state = 'available', run_after = now(), max_attempts = max_attempts + 1, leased_by = NULL, leased_until = NULL WHERE {Mine}";

    /// <summary>$4 pause, $5 the time it was due at when it was taken, $6 whether it goes before all others of its key. One that was nudged meanwhile is due at once.</summary>
    public const string Postpone =
        $"UPDATE jobs SET state = 'available', run_after = CASE WHEN run_after = $5 THEN now() + $4 ELSE now() END, priority = CASE WHEN $6 THEN -1000 ELSE priority END, max_attempts = max_attempts + 1, leased_by = NULL, leased_until = NULL WHERE {Mine}";

    /// <summary>$1 lock key. What waits for its time is looked at now; what runs is marked, so that it does not miss the word by postponing itself.</summary>
    public const string Nudge = """
        UPDATE jobs SET run_after = now()
        WHERE id IN (SELECT id FROM jobs WHERE lock_key = $1 AND state IN ('available', 'running') ORDER BY id FOR NO KEY UPDATE)
        """;

    /// <summary>$1 id. What never began ends here; what began must be wound up by a holder, soon.</summary>
    public const string Cancel = """
        UPDATE jobs
        SET cancel_requested_at = coalesce(cancel_requested_at, now()),
            run_after = CASE WHEN state = 'available' THEN least(run_after, now()) ELSE run_after END,
            finished_at = CASE WHEN state = 'available' AND attempt = 0 THEN now() END,
            state = CASE WHEN state = 'available' AND attempt = 0 THEN 'cancelled' ELSE state END
        WHERE id = $1 AND state IN ('available', 'running')
        RETURNING state = 'cancelled'
        """;

    /// <summary>$1 how long finished ones are kept, $2 how long failed ones are, $3 rows at once.</summary>
    public const string Prune = """
        DELETE FROM jobs
        WHERE id IN (
            SELECT id FROM jobs
            WHERE finished_at < now() - $1 AND (state <> 'failed' OR finished_at < now() - $2)
            ORDER BY finished_at LIMIT $3)
        """;

    /// <summary>Makes sure that the turn holds its job until the transaction ends; answers nothing when it does not.</summary>
    public const string Hold = $"SELECT 1 FROM jobs WHERE {Mine} FOR SHARE";

    /// <summary>The turn goes on without its lock key.</summary>
    public const string LetKeyGo = $"UPDATE jobs SET lock_key = NULL WHERE {Mine}";

    /// <summary>$1 job, $2 attempt, $3 worker: the fence of a turn. Only what runs has a lease. Its state is not asked for: that would be looked up among all
    /// that runs or ran of late, and not by the number.</summary>
    public const string Mine = "id = $1 AND attempt = $2 AND leased_by = $3 AND leased_until IS NOT NULL";

    private const string Columns =
        "jobs.id, kind, payload, state, priority, run_after, lock_key, attempt, max_attempts, leased_by, leased_until, created_at, finished_at, cancel_requested_at, error";
}
