-- A job's number is known before its row is written, so that it goes to the database with the deployment it is for.
CREATE FUNCTION next_job_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT nextval('jobs_id_seq'::regclass)
$$;

CREATE OR REPLACE FUNCTION next_deployment_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT nextval('deployments_id_seq'::regclass)
$$;

-- When a job may run is told by the clock of the database, which holds its leases too.
ALTER TABLE jobs ALTER COLUMN run_after SET DEFAULT now(), ALTER COLUMN created_at SET DEFAULT now();
