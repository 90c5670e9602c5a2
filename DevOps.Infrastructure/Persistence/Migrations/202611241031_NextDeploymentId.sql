-- A deployment's number is known before its row is written, so that all rows of it go to the database at once.
CREATE FUNCTION next_deployment_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT nextval(pg_get_serial_sequence('deployments', 'id'))
$$;

-- Bodies of deliveries are long texts that are written far more often than read: the quick compression, where the server has it.
DO $$
BEGIN
    EXECUTE 'ALTER TABLE deliveries ALTER COLUMN body SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value OR syntax_error THEN
    RAISE NOTICE 'lz4 is not there; the usual compression stays';
END
$$;
