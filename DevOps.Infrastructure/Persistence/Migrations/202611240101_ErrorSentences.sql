-- Errors as format and arguments, so that pages say them in the reader's language. Rows from before keep their English text alone.
ALTER TABLE deployments ADD COLUMN error_sentence jsonb;
ALTER TABLE deployment_servers ADD COLUMN error_sentence jsonb;
