-- The numeric columns that each sequence fills: those that own it and those whose default calls it. Reads only.
-- Partitions are left out: their root has all their values.
with filled as (
  select
    d.objid as sequence,
    d.refobjid as relation,
    d.refobjsubid as column_number
  from pg_depend as d
  where d.classid = 'pg_catalog.pg_class'::regclass
    and d.refclassid = 'pg_catalog.pg_class'::regclass
    and d.deptype in ('a', 'i')
    and d.refobjsubid > 0
  union
  select
    d.refobjid,
    f.adrelid,
    f.adnum
  from pg_depend as d
  join pg_attrdef as f on f.oid = d.objid
  where d.classid = 'pg_catalog.pg_attrdef'::regclass
    and d.refclassid = 'pg_catalog.pg_class'::regclass
)
select
  sn.nspname as sequence_schema,
  s.relname as sequence_name,
  tn.nspname as schema,
  t.relname as "table",
  a.attname as "column"
from filled
join pg_class as s on s.oid = filled.sequence and s.relkind = 'S'
join pg_namespace as sn on sn.oid = s.relnamespace
join pg_class as t on t.oid = filled.relation and t.relkind in ('r', 'p') and not t.relispartition
join pg_namespace as tn on tn.oid = t.relnamespace
join pg_attribute as a on a.attrelid = t.oid and a.attnum = filled.column_number
where a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
order by 1, 2, 3, 4, 5
