-- What surrounds the rows, by name, as text that both majors print alike: columns, constraints, indexes, triggers,
-- partitions, functions, enums. A partition's own columns are its root's; what belongs to an extension is left out
-- with it. Reads only.
with members as (
  select
    d.classid,
    d.objid
  from pg_depend as d
  where d.deptype = 'e'
), relations as (
  select
    c.oid,
    n.nspname || '.' || c.relname as name
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p')
    and not c.relispartition
    and c.relpersistence <> 't'
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and ('pg_catalog.pg_class'::regclass, c.oid) not in (table members)
)
select
  'column' as kind,
  r.name || '.' || a.attname as name,
  concat_ws(
    ' ',
    format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull then 'not null' end,
    case when a.attgenerated <> '' then 'generated' when d.oid is not null then 'default' end,
    pg_get_expr(d.adbin, d.adrelid),
    case a.attidentity when 'a' then 'identity always' when 'd' then 'identity by default' end
  ) as definition
from relations as r
join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = r.oid and d.adnum = a.attnum
union all
select
  'constraint',
  r.name || '.' || k.conname,
  pg_get_constraintdef(k.oid)
from relations as r
join pg_constraint as k on k.conrelid = r.oid and k.contype in ('c', 'f', 'p', 'u', 'x')
union all
select
  'index',
  r.name || '.' || i.indexrelid::regclass,
  pg_get_indexdef(i.indexrelid)
from relations as r
join pg_index as i on i.indrelid = r.oid
union all
select
  'trigger',
  r.name || '.' || t.tgname,
  concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
from relations as r
join pg_trigger as t on t.tgrelid = r.oid and not t.tgisinternal
union all
select
  'partition',
  p.inhrelid::regclass::text,
  concat_ws(' ', p.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid))
from pg_inherits as p
join pg_class as c on c.oid = p.inhrelid and c.relkind in ('r', 'p') and c.relispartition
union all
select
  'function',
  p.oid::regprocedure::text,
  md5(p.prosrc)
from pg_proc as p
join pg_namespace as n on n.oid = p.pronamespace
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and ('pg_catalog.pg_proc'::regclass, p.oid) not in (table members)
union all
select
  'enum',
  e.enumtypid::regtype::text,
  string_agg(e.enumlabel, ', ' order by e.enumsortorder)
from pg_enum as e
where ('pg_catalog.pg_type'::regclass, e.enumtypid) not in (table members)
group by e.enumtypid
order by 1, 2
