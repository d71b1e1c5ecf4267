-- Every sequence of this database that no extension owns, with what never changes by itself. Reads only.
select
  n.nspname as schema,
  c.relname as name,
  pg_get_userbyid(c.relowner) as owner,
  s.seqincrement as increment,
  s.seqmin as min_value,
  s.seqmax as max_value,
  s.seqcache as cache,
  s.seqcycle as cycle
from pg_sequence as s
join pg_class as c on c.oid = s.seqrelid
join pg_namespace as n on n.oid = c.relnamespace
where c.relpersistence <> 't'
  and not exists (
    select
    from pg_depend as d
    where d.classid = 'pg_catalog.pg_class'::regclass
      and d.objid = c.oid
      and d.deptype = 'e'
  )
order by 1, 2
