-- The same closed sets as before, in functions: a list of words in a CHECK is read from its text by every statement that writes the table, which takes
-- as long as the insert itself; a function is read once for each connection.
CREATE FUNCTION is_deployment_state(status text, finished_at timestamp with time zone, pause text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE
        WHEN status IN ('pendingApproval', 'queued', 'running') THEN finished_at IS NULL
        WHEN status IN ('succeeded', 'failed', 'cancelled', 'rejected', 'superseded') THEN finished_at IS NOT NULL
        ELSE false END
        AND pause IN ('none', 'confirmation', 'decision');
END
$$;

CREATE FUNCTION is_step_status(status text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN status IN ('pending', 'running', 'succeeded', 'failed', 'skipped', 'cancelled');
END
$$;

CREATE FUNCTION is_server_status(status text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN status IN ('pending', 'running', 'succeeded', 'failed', 'skipped', 'rolledBack');
END
$$;

CREATE FUNCTION is_job_state(state text, finished_at timestamp with time zone, leased_by text, leased_until timestamp with time zone) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE
        WHEN state = 'running' THEN finished_at IS NULL AND leased_by IS NOT NULL AND leased_until IS NOT NULL
        WHEN state = 'available' THEN finished_at IS NULL AND (leased_by IS NULL OR leased_until IS NULL)
        WHEN state IN ('completed', 'cancelled', 'failed') THEN finished_at IS NOT NULL AND (leased_by IS NULL OR leased_until IS NULL)
        ELSE false END;
END
$$;

CREATE FUNCTION is_delivery_outcome(outcome text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN outcome IN ('accepted', 'ignored', 'unreadable', 'rejected');
END
$$;

ALTER TABLE deployments
    DROP CONSTRAINT ck_deployments_status,
    DROP CONSTRAINT ck_deployments_finished,
    DROP CONSTRAINT ck_deployments_pause,
    ADD CONSTRAINT ck_deployments_state CHECK (is_deployment_state(status, finished_at, pause));
ALTER TABLE deployment_steps
    DROP CONSTRAINT ck_deployment_steps_status,
    ADD CONSTRAINT ck_deployment_steps_status CHECK (is_step_status(status));
ALTER TABLE deployment_servers
    DROP CONSTRAINT ck_deployment_servers_status,
    ADD CONSTRAINT ck_deployment_servers_status CHECK (is_server_status(status));
ALTER TABLE jobs
    DROP CONSTRAINT ck_jobs_state,
    DROP CONSTRAINT ck_jobs_finished,
    DROP CONSTRAINT ck_jobs_leased,
    ADD CONSTRAINT ck_jobs_state CHECK (is_job_state(state, finished_at, leased_by, leased_until));
ALTER TABLE deliveries
    DROP CONSTRAINT ck_deliveries_outcome,
    ADD CONSTRAINT ck_deliveries_outcome CHECK (is_delivery_outcome(outcome));
