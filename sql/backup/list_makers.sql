-- Which roles may make things in which schemas, by a grant of their own. Reads only.
select
  n.nspname as schema,
  r.rolname as role
from pg_namespace as n
cross join lateral aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) as entry
join pg_roles as r on r.oid = entry.grantee
where n.nspname !~ '^pg_'
  and n.nspname <> 'information_schema'
  and entry.privilege_type = 'CREATE'
order by 1, 2
