-- Who owns and who may use what, by name, as text that both majors print alike; a null access list is spelled out.
-- Extensions' own objects are left out. Reads only.
with members as (
  select
    d.classid,
    d.objid
  from pg_depend as d
  where d.deptype = 'e'
), objects as (
  select
    'relation ' || n.nspname || '.' || c.relname as name,
    c.relowner as owner,
    coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)) as rights
  from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
    and c.relpersistence <> 't'
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and ('pg_catalog.pg_class'::regclass, c.oid) not in (table members)
  union all
  select
    'schema ' || n.nspname,
    n.nspowner,
    coalesce(n.nspacl, acldefault('n', n.nspowner))
  from pg_namespace as n
  where n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and ('pg_catalog.pg_namespace'::regclass, n.oid) not in (table members)
  union all
  select
    'function ' || p.oid::regprocedure,
    p.proowner,
    coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc as p
  join pg_namespace as n on n.oid = p.pronamespace
  where n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and ('pg_catalog.pg_proc'::regclass, p.oid) not in (table members)
  union all
  select
    'type ' || t.oid::regtype,
    t.typowner,
    coalesce(t.typacl, acldefault('T', t.typowner))
  from pg_type as t
  join pg_namespace as n on n.oid = t.typnamespace
  where (t.typtype in ('d', 'e', 'r') or t.typtype = 'c' and exists (
      select
      from pg_class as c
      where c.oid = t.typrelid
        and c.relkind = 'c'
    ))
    and n.nspname !~ '^pg_'
    and n.nspname <> 'information_schema'
    and ('pg_catalog.pg_type'::regclass, t.oid) not in (table members)
)
select
  name,
  pg_get_userbyid(owner) as owner,
  array(
    select concat_ws(
      ' ',
      entry.privilege_type,
      case when entry.is_grantable then 'grantable' end,
      'to',
      case entry.grantee when 0 then 'PUBLIC' else pg_get_userbyid(entry.grantee)::text end
    )
    from aclexplode(rights) as entry
    order by 1
  ) as rights
from objects
order by name
