-- Every table that holds or routes rows of this database: ordinary, partitioned, partitions, inheritance children.
-- Parameters: ours (text[], schemas of ours that are no part of the data). Locks nothing.
-- `readable`: by ourselves, every row; `readable_by_owner`: by becoming the owner, which forced row security filters too.
-- `estimate`: rows, by the table's present size; a database that was just restored has not been analyzed.
-- Left to list_asides.sql: foreign tables, what belongs to an extension.
select c.oid
     , n.nspname as schema
     , c.relname as name
     , c.relkind::text as kind
     , c.relispartition as partition
     , c.relpersistence = 'u' as unlogged
     , pg_get_userbyid(c.relowner) as owner
     , pg_partition_root(c.oid)::oid as root
     , case when c.relkind <> 'r' then 0
            when c.relpages > 0 and c.reltuples > 0 then (c.reltuples / c.relpages * s.pages)::bigint
            else s.pages * 60 end as estimate
     , has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
         and not row_security_active(c.oid) as readable
     , not (c.relrowsecurity and c.relforcerowsecurity)
         and pg_has_role(
           c.relowner
         , case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end
         ) as readable_by_owner
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
cross join lateral (select pg_relation_size(c.oid) / current_setting('block_size')::int as pages) as s
where c.relkind in ('r', 'p')
  and c.relpersistence <> 't'
  and n.nspname <> 'information_schema'
  and n.nspname not like 'pg\_%%'
  and n.nspname <> all(%(ours)s)
  and not exists (
    select from pg_depend d
    where d.classid = 'pg_class'::regclass
      and d.objid = c.oid
      and d.deptype = 'e'
  )
order by n.nspname, c.relname
