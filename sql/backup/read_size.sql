-- Bytes of this database's tables without their indexes: more than a dump of them takes. Reads only.
select coalesce(sum(pg_table_size(c.oid)), 0)::bigint
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'm')
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
