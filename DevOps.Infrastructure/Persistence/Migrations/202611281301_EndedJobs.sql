-- Ends turns: ids, attempts, workers, final states and errors, one of each for every turn. Leaves out what somebody has locked and what is not the holder's
-- any more, and answers the ids of the others. A function, because it is planned once: planned by the length of its lists, each call was planned anew, which cost more than to run it.
CREATE FUNCTION end_jobs(bigint[], integer[], text[], text[], text[]) RETURNS SETOF bigint LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
        WITH mine AS (
            SELECT j.id, e.state, e.error
            FROM unnest($1, $2, $3, $4, $5) AS e (id, attempt, worker, state, error)
            JOIN jobs j ON j.id = e.id AND j.attempt = e.attempt AND j.leased_by = e.worker AND j.leased_until IS NOT NULL
            FOR NO KEY UPDATE OF j SKIP LOCKED)
        UPDATE jobs
        SET state = mine.state, finished_at = now(), error = mine.error, leased_by = NULL, leased_until = NULL
        FROM mine
        WHERE jobs.id = mine.id
        RETURNING jobs.id;
END
$$;
