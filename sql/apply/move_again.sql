-- Triggers, rules and foreign keys act again, in this transaction.
-- Parameters: none.
set local session_replication_role = origin
