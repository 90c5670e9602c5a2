-- As before, but every row is looked up by its number, whatever the statistics said when it was planned: as joins, planned while there was next to nothing,
-- each end read all rows there were. A subquery that locks is never merged into a join, and what is given in a list is looked for in the index.
CREATE OR REPLACE FUNCTION end_jobs(bigint[], integer[], text[], text[], text[]) RETURNS SETOF bigint LANGUAGE plpgsql
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN QUERY
        WITH mine AS (
            SELECT j.id, e.state, e.error
            FROM unnest($1, $2, $3, $4, $5) AS e (id, attempt, worker, state, error)
            CROSS JOIN LATERAL (
                SELECT id FROM jobs
                WHERE jobs.id = e.id AND jobs.attempt = e.attempt AND leased_by = e.worker AND leased_until IS NOT NULL
                FOR NO KEY UPDATE SKIP LOCKED) AS j)
        UPDATE jobs
        SET (state, error) = (SELECT mine.state, mine.error FROM mine WHERE mine.id = jobs.id), finished_at = now(), leased_by = NULL, leased_until = NULL
        WHERE jobs.id = ANY (ARRAY(SELECT mine.id FROM mine))
        RETURNING jobs.id;
END
$$;
