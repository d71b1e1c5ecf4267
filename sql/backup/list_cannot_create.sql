-- Which of these roles may make nothing in which schemas. Reads only.
-- %(roles)s: names, text[]
select
  n.nspname as schema,
  r.rolname as role
from pg_namespace as n
join pg_roles as r on r.rolname = any(%(roles)s::text[])
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not has_schema_privilege(r.oid, n.oid, 'create')
order by 1, 2
