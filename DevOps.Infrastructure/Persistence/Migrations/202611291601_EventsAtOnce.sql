-- Events and counts took a third of what a push costs the database. A deployment's own row says what its event needs, so that it is not looked up again;
-- and what is counted is noted row by row: housekeeping adds it up, and one row is added up already.

CREATE OR REPLACE FUNCTION deployment_created() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7301190801);
    INSERT INTO deployment_events (at, kind, deployment_id, project_id, environment_id, data)
    VALUES (clock_timestamp(), 'created', NEW.id, NEW.project_id, NEW.environment_id,
        jsonb_strip_nulls(jsonb_build_object('status', NEW.status, 'trigger', NEW.cause, 'requestedBy', NEW.requested_by)));
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION deployment_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7301190801);
    INSERT INTO deployment_events (at, kind, deployment_id, project_id, environment_id, data)
    VALUES (clock_timestamp(), 'status', NEW.id, NEW.project_id, NEW.environment_id,
        jsonb_strip_nulls(jsonb_build_object('status', NEW.status, 'previous', OLD.status, 'release', NEW.release)));
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_added_deployments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deployment_counts (environment_id, status, stretch, delta) SELECT environment_id, status, id / 10000, 1 FROM added;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_added_audit_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_counts (day, delta) SELECT (at AT TIME ZONE 'UTC')::date, 1 FROM added;
    RETURN NULL;
END
$$;
