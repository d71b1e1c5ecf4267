-- The oldest transaction that a row changed since the recorded snapshot can carry, or null when that cannot be told:
-- another cluster, another timeline, a snapshot from this server's future or from too long ago for 32-bit ids.
-- The snapshot's xmin and not its list: a subtransaction of a transaction in the list is not in it. Reads only.
-- %(snapshot)s, %(system)s, %(timeline)s: as recorded by facts
select
  case
    when system.system_identifier::text = %(system)s
      and ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int = %(timeline)s
      and pg_snapshot_xmax(pg_current_snapshot())::text::numeric - pg_snapshot_xmin(recorded.snapshot)::text::numeric
        between 0 and 2000000000
    then (pg_snapshot_xmin(recorded.snapshot)::text::numeric %% 4294967296)::text
  end as bound
from (select %(snapshot)s::pg_snapshot as snapshot) as recorded
cross join pg_control_system() as system
