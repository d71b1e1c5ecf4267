-- Which server and database this is and where it stands. Reads only; needs pg_monitor to see every crash.
-- The timeline changes when a backup is restored to a point in time or a standby takes over: transaction ids from
-- before then say nothing about rows from after.
select
  current_setting('server_version_num')::int as server_version,
  system.system_identifier::text,
  d.oid::bigint as oid,
  d.xmin::text as entry,
  greatest(pg_postmaster_start_time(), checkpointer.backend_start)::text as started,
  ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int as timeline,
  pg_current_wal_insert_lsn()::text as lsn,
  pg_current_snapshot()::text as snapshot
from pg_control_system() as system
join pg_database as d on d.datname = current_database()
left join pg_stat_activity as checkpointer on checkpointer.backend_type = 'checkpointer'
