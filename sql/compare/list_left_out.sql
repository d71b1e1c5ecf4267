-- What holds rows and is not compared: views that store theirs, foreign tables, extensions' tables, large objects.
-- Reads only.
select
  case c.relkind
    when 'm' then 'materialized view '
    when 'f' then 'foreign table '
    else 'extension table '
  end || n.nspname || '.' || c.relname as what
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and c.relpersistence <> 't'
  and (
    c.relkind in ('m', 'f')
    or c.relkind in ('r', 'p') and exists (
      select
      from pg_depend as d
      where d.classid = 'pg_catalog.pg_class'::regclass
        and d.objid = c.oid
        and d.deptype = 'e'
    )
  )
union all
select count(*) || ' large objects'
from pg_largeobject_metadata
having count(*) > 0
order by 1
