ALTER TABLE releases ADD COLUMN deploy_part jsonb;

CREATE TABLE deployment_configs (
    deployment_id bigint NOT NULL,
    config jsonb NOT NULL,
    CONSTRAINT pk_deployment_configs PRIMARY KEY (deployment_id),
    CONSTRAINT fk_deployment_configs_deployments_deployment_id FOREIGN KEY (deployment_id) REFERENCES deployments (id) ON DELETE CASCADE
);
