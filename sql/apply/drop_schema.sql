-- Leave no trace: our schema and its function.
-- Parameters: none. Locks them.
drop schema switchback cascade
