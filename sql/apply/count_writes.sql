-- How many rows of each table this transaction has written, partitions as their root; tables of ours aside. Reads only;
-- finds nothing where track_counts is off.
-- Parameters: none.
select coalesce(pg_partition_root(relid), relid)::bigint as relation
     , quote_ident(schemaname) || '.' || quote_ident(relname) as name
     , (n_tup_ins + n_tup_upd + n_tup_del)::bigint as rows
from pg_stat_xact_user_tables
where n_tup_ins + n_tup_upd + n_tup_del > 0
  and schemaname <> 'switchback'
  and schemaname !~ '^pg_temp'
