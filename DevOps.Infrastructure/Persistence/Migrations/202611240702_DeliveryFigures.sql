ALTER TABLE deployments ADD COLUMN commit_at timestamp with time zone;
ALTER TABLE releases ADD COLUMN commit_at timestamp with time zone;

-- Everything that figures of a time span need, so that the wide rows themselves are not read.
CREATE INDEX ix_deployments_facts ON deployments (finished_at)
    INCLUDE (id, project_id, environment_id, status, release, created_at, started_at, commit_at)
    WHERE finished_at IS NOT NULL;

-- What an environment was in before the time span began: the last end that counts.
CREATE INDEX ix_deployments_outcomes ON deployments (environment_id, finished_at) INCLUDE (status, release)
    WHERE status IN ('succeeded', 'failed');
