-- What holds rows, or seems to, and is not recovered: foreign tables, materialised views, tables of extensions.
-- Parameters: ours (text[], schemas of ours that are no part of the data). Locks nothing.
select n.nspname as schema
     , c.relname as name
     , c.relkind::text as kind
     , c.relispartition as partition
     , e.extname as extension
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
left join pg_extension e on e.oid = d.refobjid
where (c.relkind in ('f', 'm') or (c.relkind in ('r', 'p') and e.oid is not null))
  and c.relpersistence <> 't'
  and n.nspname <> 'information_schema'
  and n.nspname not like 'pg\_%%'
  and n.nspname <> all(%(ours)s)
order by n.nspname, c.relname
