-- "by" is a word of the procedural language: unquoted it is no field of a record.

CREATE OR REPLACE FUNCTION deployment_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_deployment_event('approval', NEW.deployment_id, jsonb_build_object('by', NEW."by", 'decision', NEW.decision));
    RETURN NULL;
END
$$;
