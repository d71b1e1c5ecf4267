-- The tables of these names with their partitions: owners, row security.
-- Parameters: schemas, names (text[], side by side). Locks nothing.
with wanted as (
  select c.oid
  from unnest(%(schemas)s::text[], %(names)s::text[]) as w(schema, name)
  join pg_namespace n on n.nspname = w.schema
  join pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind in ('r', 'p')
)
select c.oid
     , n.nspname::text as schema
     , c.relname::text as name
     , c.relkind = 'p' as partitioned
     , case when c.relispartition then pg_partition_root(c.oid) else c.oid end::oid as root
     , pg_get_userbyid(c.relowner)::text as owner
     , c.relrowsecurity and c.relforcerowsecurity as forced
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.oid in (select oid from wanted)
   or (c.relispartition and pg_partition_root(c.oid) in (select oid from wanted))
order by c.relispartition, n.nspname, c.relname
