-- Silent holders lose what they held. Attempts are counted at the take, so a job that kills its workers comes to its end too. Answers how many they were.
CREATE FUNCTION rescue_jobs() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    rescued integer;
BEGIN
    UPDATE jobs
    SET state = 'available', leased_by = NULL, leased_until = NULL,
        error = left('Its worker ' || leased_by || ' went silent during attempt ' || attempt || '.', 8000)
    WHERE id = ANY (ARRAY(SELECT id FROM jobs WHERE state = 'running' AND leased_until < now() FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS rescued = ROW_COUNT;
    RETURN rescued;
END
$$;

-- Takes up to $2 jobs of the kinds $4 for the worker $1 and the lease $3, after what silent holders held has become available. Of one key only the foremost is a candidate, so a later one cannot overtake it while
-- somebody else holds the foremost row locked; the unique index ux_jobs_running_key catches what two snapshots cannot see of each other.
-- A function, because it says how it is planned: along the indexes of what waits, whatever the statistics say. Planned by statistics from before a burst
-- it read and sorted all that waits to take one. Both looks at a key are worded so that only its own rows are read: no table is made of all that run,
-- and the order of what waits is found in the index that begins with the key.
CREATE FUNCTION take_jobs(text, integer, interval, text[]) RETURNS SETOF jobs LANGUAGE plpgsql
    SET enable_sort = off SET enable_incremental_sort = off SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM rescue_jobs();
    RETURN QUERY
        UPDATE jobs
        SET state = 'running', attempt = attempt + 1, leased_by = $1, leased_until = now() + $3
        WHERE id = ANY (ARRAY(
            SELECT j.id
            FROM jobs j
            WHERE j.state = 'available' AND j.run_after <= now() AND j.kind = ANY ($4)
                AND (j.lock_key IS NULL OR (
                    NOT EXISTS (SELECT FROM jobs r WHERE r.state = 'running' AND r.lock_key = j.lock_key AND r.id <> j.id)
                    AND j.id = (
                        SELECT e.id
                        FROM jobs e
                        WHERE e.state = 'available' AND e.lock_key BETWEEN j.lock_key AND j.lock_key
                        ORDER BY e.lock_key, e.priority, e.id
                        LIMIT 1)))
            ORDER BY j.priority, j.id
            LIMIT $2
            FOR NO KEY UPDATE OF j SKIP LOCKED))
        RETURNING *;
END
$$;

-- Only what runs has a lease. Its state is not asked for: that would be looked up among all that runs or ran of late, and not by the number.
CREATE OR REPLACE FUNCTION hold_environment_of_turn(bigint, bigint, integer, text) RETURNS SETOF environments LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT e.* FROM jobs j JOIN deployments d ON d.id = $1 JOIN environments e ON e.id = d.environment_id
        WHERE j.id = $2 AND j.attempt = $3 AND j.leased_by = $4 AND j.leased_until IS NOT NULL FOR SHARE OF j, e;
END
$$;
