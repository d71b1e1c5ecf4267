-- Where the log stands and which transactions are decided, once nobody writes any more. Reads only.
-- The insert position, because a commit that did not wait for the disk is beyond the write position.
select
  pg_current_wal_insert_lsn()::text as lsn,
  pg_current_snapshot()::text as snapshot
