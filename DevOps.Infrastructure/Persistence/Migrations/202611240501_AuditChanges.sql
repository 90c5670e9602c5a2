-- What a change touched, filters that stay quick over millions of entries, and the one way by which old entries may go.
ALTER TABLE audit_entries ADD COLUMN changes jsonb;

DROP INDEX ix_audit_entries_at;
CREATE INDEX ix_audit_entries_at_id ON audit_entries (at DESC, id DESC);
CREATE INDEX ix_audit_entries_actor ON audit_entries (actor, at DESC, id DESC);
CREATE INDEX ix_audit_entries_action ON audit_entries (action text_pattern_ops, at DESC, id DESC);
CREATE INDEX ix_audit_entries_subject ON audit_entries (subject text_pattern_ops, at DESC, id DESC);

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Set by forget_audit_entries alone, for its own statement. Whoever sets it by hand still cannot touch what is younger than 90 days.
    IF TG_OP = 'DELETE' AND coalesce(current_setting('devops.forget_audit', true), '') = 'on' THEN
        IF OLD.at < now() - interval '90 days' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;

CREATE FUNCTION forget_audit_entries(older_than_days integer, most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    gone integer;
BEGIN
    IF older_than_days < 90 THEN
        RAISE EXCEPTION 'audit entries are kept for at least 90 days';
    END IF;
    PERFORM set_config('devops.forget_audit', 'on', true);
    DELETE FROM audit_entries WHERE id IN (
        SELECT id FROM audit_entries WHERE at < now() - make_interval(days => older_than_days) ORDER BY at LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('devops.forget_audit', '', true);
    RETURN gone;
END
$$;
