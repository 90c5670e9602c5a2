-- Links to choose a password, the second factor, and roles that a forge gives.
ALTER TABLE accounts
    ADD COLUMN last_sign_in_at timestamp with time zone,
    ADD COLUMN link_hash character varying(64),
    ADD COLUMN link_until timestamp with time zone,
    ADD COLUMN authenticator_key bytea,
    ADD COLUMN authenticator_step bigint NOT NULL DEFAULT 0,
    ADD COLUMN recovery_codes text[] NOT NULL DEFAULT '{}',
    ADD COLUMN code_failures integer NOT NULL DEFAULT 0,
    ADD COLUMN code_locked_until timestamp with time zone,
    ADD COLUMN role_from character varying(20);

CREATE INDEX ix_accounts_link_hash ON accounts (link_hash);
