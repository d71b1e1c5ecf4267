-- The tables of these names with their partitions: owners, row security, and whether Postgres refuses to change or
-- delete their rows, because a publication would tell of it and has nothing to tell them apart by.
-- Parameters: schemas, names (text[], side by side). Locks nothing.
with wanted as (
  select c.oid
  from unnest(%(schemas)s::text[], %(names)s::text[]) as w(schema, name)
  join pg_namespace n on n.nspname = w.schema
  join pg_class c on c.relnamespace = n.oid and c.relname = w.name and c.relkind in ('r', 'p')
), published as materialized (
  select c.oid
  from pg_publication p
  join pg_publication_tables t on t.pubname = p.pubname
  join pg_namespace n on n.nspname = t.schemaname
  join pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
  where p.pubupdate or p.pubdelete
)
select c.oid
     , n.nspname::text as schema
     , c.relname::text as name
     , c.relkind = 'p' as partitioned
     , case when c.relispartition then pg_partition_root(c.oid) else c.oid end::oid as root
     , pg_get_userbyid(c.relowner)::text as owner
     , c.relrowsecurity and c.relforcerowsecurity as forced
     , c.relreplident::text as identity
     , c.relkind = 'r'
       and (
         c.relreplident = 'n'
         or c.relreplident = 'd'
         and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and i.indimmediate)
       )
       and exists (
         select from published p
         where p.oid = c.oid or p.oid in (select a.relid from pg_partition_ancestors(c.oid) a)
       ) as untold
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.oid in (select oid from wanted)
   or (c.relispartition and pg_partition_root(c.oid) in (select oid from wanted))
order by c.relispartition, n.nspname, c.relname
