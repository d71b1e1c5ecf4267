-- The tables where the current role may update at least one plain column, partition roots once. Reads only.
-- Returns schema, table and such a column; whether there is a row is seen by trying.
select
  n.nspname as schema,
  c.relname as "table",
  a.attname as "column"
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
join lateral (
  select attname
  from pg_attribute
  where attrelid = c.oid
    and attnum > 0
    and not attisdropped
    and attgenerated = ''
    and attidentity <> 'a'
    and has_column_privilege(c.oid, attnum, 'update')
    and has_column_privilege(c.oid, attnum, 'select')
  order by attnum desc
  limit 1
) as a on true
where c.relkind in ('r', 'p')
  and not c.relispartition
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and has_schema_privilege(n.oid, 'usage')
order by c.relpages desc, 1, 2
