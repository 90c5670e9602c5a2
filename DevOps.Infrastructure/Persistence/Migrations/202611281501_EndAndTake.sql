-- Ends turns and takes what comes next, in one statement: what opens the table and its indexes is most of the work when eight jobs change.
-- Ends: ids $1, attempts $2, workers $3, final states $4 and errors $5, one of each for every turn. What somebody has locked, and what is not the holder's any more,
-- is left out. Takes: for the worker $6, up to $7 jobs of the kinds $9 for the lease $8, less those whose ends were left out: their slots are not free.
-- Answers all rows it changed, the taken ones as running. Who ends nothing looks for all there is: what silent holders held becomes available first.
-- Of one key only the foremost is a candidate, so a later one cannot overtake it while somebody else holds the foremost row locked, and nothing else of it may run but
-- what ends here; the unique index ux_jobs_running_key catches what two snapshots cannot see of each other.
-- A function, because it says how it is planned: once, along the indexes of what ends and of what waits, whatever the statistics say. A row is looked up in a subquery
-- that locks, which is never merged into a join, and afterwards by its place: nobody moves what is locked. What moved before is not found, and left out.
-- Both looks at a key are worded so that only its own rows are read: no table is made of all that run, and the order of what waits is found in the index that begins with the key.
CREATE FUNCTION end_and_take_jobs(bigint[], integer[], text[], text[], text[], text, integer, interval, text[]) RETURNS SETOF jobs LANGUAGE plpgsql
    SET enable_sort = off SET enable_incremental_sort = off SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF cardinality($1) = 0 THEN
        PERFORM rescue_jobs();
    END IF;
    RETURN QUERY
        WITH ended AS MATERIALIZED (
            SELECT j.place, e.id, e.state, e.error
            FROM unnest($1, $2, $3, $4, $5) AS e (id, attempt, worker, state, error)
            CROSS JOIN LATERAL (
                SELECT jobs.ctid AS place FROM jobs
                WHERE jobs.id = e.id AND jobs.attempt = e.attempt AND leased_by = e.worker AND leased_until IS NOT NULL
                FOR NO KEY UPDATE SKIP LOCKED) AS j),
        taken AS MATERIALIZED (
            SELECT j.ctid AS place
            FROM jobs j
            WHERE j.state = 'available' AND j.run_after <= now() AND j.kind = ANY ($9)
                AND (j.lock_key IS NULL OR (
                    NOT EXISTS (
                        SELECT FROM jobs r
                        WHERE r.state = 'running' AND r.lock_key = j.lock_key AND r.id <> j.id AND r.id <> ALL (ARRAY(SELECT ended.id FROM ended)))
                    AND j.id = (
                        SELECT e.id
                        FROM jobs e
                        WHERE e.state = 'available' AND e.lock_key BETWEEN j.lock_key AND j.lock_key
                        ORDER BY e.lock_key, e.priority, e.id
                        LIMIT 1)))
            ORDER BY j.priority, j.id
            LIMIT (SELECT greatest(0, $7 - cardinality($1) + count(*)) FROM ended)
            FOR NO KEY UPDATE OF j SKIP LOCKED),
        changed AS (
            SELECT place, state, error, 0 AS begun, NULL::text AS worker, NULL::timestamptz AS until, now() AS finished FROM ended
            UNION ALL
            SELECT place, 'running', NULL, 1, $6, now() + $8, NULL FROM taken)
        UPDATE jobs
        SET state = changed.state, attempt = attempt + begun, leased_by = worker, leased_until = until, finished_at = finished,
            error = CASE begun WHEN 0 THEN changed.error ELSE jobs.error END
        FROM changed
        WHERE jobs.ctid = place
        RETURNING jobs.*;
END
$$;

DROP FUNCTION take_jobs(text, integer, interval, text[]);
DROP FUNCTION end_jobs(bigint[], integer[], text[], text[], text[]);
