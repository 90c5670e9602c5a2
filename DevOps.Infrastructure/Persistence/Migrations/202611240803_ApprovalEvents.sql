-- What people decide about a deployment is part of its history too.

CREATE FUNCTION deployment_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_deployment_event('approval', NEW.deployment_id, jsonb_build_object('by', NEW.by, 'decision', NEW.decision));
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER approvals_decided AFTER INSERT ON approvals DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION deployment_decided();
