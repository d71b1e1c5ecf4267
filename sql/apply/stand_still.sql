-- From here on, in this transaction, the application's triggers, rules and foreign keys stand still: like a replica's.
-- Parameters: none. Needs superuser, or (from 15 on) the right to set this parameter.
set local session_replication_role = replica
