ALTER TABLE applications ADD COLUMN observed_release integer;
ALTER TABLE applications ADD COLUMN observed_at timestamp with time zone;

-- What a server ran before is read from the newest entry down.
CREATE INDEX ix_deployment_servers_server_id_id ON deployment_servers (server_id, id);
DROP INDEX ix_deployment_servers_server_id;
