-- Kept counts are told apart by stretches of the list: ten thousand numbers of deployments, a day of the audit log. A page far down is found by adding up
-- the stretches before it, and only the rest is walked over.
LOCK TABLE deployments, audit_entries IN SHARE MODE;

ALTER TABLE deployment_counts ADD COLUMN stretch bigint NOT NULL DEFAULT 0;
ALTER TABLE deployment_counts ALTER COLUMN stretch DROP DEFAULT;
DELETE FROM deployment_counts;
INSERT INTO deployment_counts (environment_id, status, stretch, delta)
SELECT environment_id, status, id / 10000, count(*) FROM deployments GROUP BY environment_id, status, id / 10000;

CREATE OR REPLACE FUNCTION count_added_deployments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deployment_counts (environment_id, status, stretch, delta)
    SELECT environment_id, status, id / 10000, count(*) FROM added GROUP BY environment_id, status, id / 10000;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_gone_deployments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deployment_counts (environment_id, status, stretch, delta)
    SELECT environment_id, status, id / 10000, -count(*) FROM gone GROUP BY environment_id, status, id / 10000;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_moved_deployment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO deployment_counts (environment_id, status, stretch, delta)
    VALUES (OLD.environment_id, OLD.status, OLD.id / 10000, -1), (NEW.environment_id, NEW.status, NEW.id / 10000, 1);
    RETURN NULL;
END
$$;

ALTER TABLE audit_counts ADD COLUMN day date NOT NULL DEFAULT '1970-01-01';
ALTER TABLE audit_counts ALTER COLUMN day DROP DEFAULT;
DELETE FROM audit_counts;
INSERT INTO audit_counts (day, delta) SELECT (at AT TIME ZONE 'UTC')::date, count(*) FROM audit_entries GROUP BY 1;

CREATE OR REPLACE FUNCTION count_added_audit_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_counts (day, delta) SELECT (at AT TIME ZONE 'UTC')::date, count(*) FROM added GROUP BY 1;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_gone_audit_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_counts (day, delta) SELECT (at AT TIME ZONE 'UTC')::date, -count(*) FROM gone GROUP BY 1;
    RETURN NULL;
END
$$;
