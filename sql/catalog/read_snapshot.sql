-- The snapshot that this transaction reads, exported for its helpers, and how far the server has written.
-- Takes no parameters, locks nothing.
select pg_export_snapshot() as exported
     , pg_postmaster_start_time()::text as started
     , pg_current_snapshot()::text as snapshot
     , (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end)::text as lsn
