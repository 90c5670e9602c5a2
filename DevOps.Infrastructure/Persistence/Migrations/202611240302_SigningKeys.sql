-- Keys of access tokens; the one there was becomes the first.
CREATE TABLE signing_keys (
    kid character varying(40) NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT pk_signing_keys PRIMARY KEY (kid)
);

-- One signs, whatever two processes believe.
CREATE UNIQUE INDEX ux_signing_keys_current ON signing_keys ((true)) WHERE retired_at IS NULL;

INSERT INTO signing_keys (kid, ciphertext, created_at) SELECT 'first', decode(value, 'base64'), now() FROM settings WHERE key = 'access.signingKey';
DELETE FROM settings WHERE key = 'access.signingKey';
