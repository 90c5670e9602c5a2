ALTER TABLE deployments
    ADD COLUMN pause character varying(24) NOT NULL DEFAULT 'none',
    ADD COLUMN soak_until timestamp with time zone,
    ADD COLUMN confirmed_by character varying(256),
    ADD COLUMN take_back_by character varying(256),
    ADD CONSTRAINT ck_deployments_pause CHECK (pause IN ('none', 'confirmation', 'decision'));
ALTER TABLE deployments ALTER COLUMN pause DROP DEFAULT;

ALTER TABLE deployment_servers ADD COLUMN passed_over boolean NOT NULL DEFAULT false;
ALTER TABLE deployment_servers ALTER COLUMN passed_over DROP DEFAULT;
