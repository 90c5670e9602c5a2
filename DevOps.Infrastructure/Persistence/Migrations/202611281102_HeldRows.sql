-- Environments that a transaction holds against change until its end. Functions, so that the queries around them are translated once and for all.
CREATE FUNCTION hold_environment(bigint) RETURNS SETOF environments LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT * FROM environments WHERE id = $1 FOR SHARE;
END
$$;

-- Those of a project that deploy by themselves.
CREATE FUNCTION hold_following_environments(bigint) RETURNS SETOF environments LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT * FROM environments WHERE project_id = $1 AND auto_deploy FOR SHARE;
END
$$;

-- That of a deployment ($1), together with the job ($2) of the turn ($3 attempt, $4 worker) that deals with it; nothing when the turn has lost its job.
CREATE FUNCTION hold_environment_of_turn(bigint, bigint, integer, text) RETURNS SETOF environments LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT e.* FROM jobs j JOIN deployments d ON d.id = $1 JOIN environments e ON e.id = d.environment_id
        WHERE j.id = $2 AND j.attempt = $3 AND j.leased_by = $4 AND j.state = 'running' FOR SHARE OF j, e;
END
$$;
