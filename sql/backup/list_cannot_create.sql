-- Which of these roles may make nothing in which schemas. Reads only.
-- %(roles)s: names, text[]
select
  n.nspname as schema,
  wanted.role
from pg_namespace as n
cross join unnest(%(roles)s::text[]) as wanted (role)
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and not has_schema_privilege(wanted.role, n.oid, 'create')
order by 1, 2
