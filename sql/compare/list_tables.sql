-- Every table that holds this database's own rows: partition roots once, each table of an inheritance tree on its own;
-- not system schemas, temporary tables, or what belongs to an extension. Reads only.
-- The key is the primary key, else the narrowest unique index over columns that cannot be null; without one it is empty.
with keys as (
  select distinct on (i.indrelid)
    i.indrelid,
    array_agg(a.attname order by k.place) as columns,
    array_agg(tn.nspname order by k.place) as type_schemas,
    array_agg(ty.typname order by k.place) as types
  from pg_index as i
  cross join lateral unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
  join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
  join pg_type as ty on ty.oid = a.atttypid
  join pg_namespace as tn on tn.oid = ty.typnamespace
  where i.indisunique
    and i.indisvalid
    and i.indpred is null
    and i.indexprs is null
    and k.place <= i.indnkeyatts
  group by i.indrelid, i.indexrelid, i.indisprimary, i.indnkeyatts
  having bool_and(a.attnotnull)
  order by i.indrelid, i.indisprimary desc, i.indnkeyatts, i.indexrelid
)
select
  n.nspname as schema,
  c.relname as "table",
  c.relkind = 'p' as partitioned,
  array(
    select a.attname
    from pg_attribute as a
    where a.attrelid = c.oid
      and a.attnum > 0
      and not a.attisdropped
    order by a.attname collate "C"
  ) as columns,
  coalesce(keys.columns, '{}') as key,
  coalesce(keys.type_schemas, '{}') as key_type_schemas,
  coalesce(keys.types, '{}') as key_types
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
left join keys on keys.indrelid = c.oid
where c.relkind in ('r', 'p')
  and not c.relispartition
  and c.relpersistence <> 't'
  and n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not exists (
    select
    from pg_depend as d
    where d.classid = 'pg_catalog.pg_class'::regclass
      and d.objid = c.oid
      and d.deptype = 'e'
  )
order by n.nspname collate "C", c.relname collate "C"
