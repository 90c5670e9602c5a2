-- Verdicts as sentences that pages say in the reader's language.

ALTER TABLE deliveries ALTER COLUMN verdict TYPE jsonb USING to_jsonb(verdict);
