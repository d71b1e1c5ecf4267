-- What this server lacks to hold a database, in words: its version, roles, membership in them, extensions. Reads only.
-- %(version)s: server_version_num of the dump's major; %(roles)s, %(extensions)s: names, text[]
select 'it is older than Postgres ' || %(version)s / 10000 as lacks
where current_setting('server_version_num')::int / 10000 < %(version)s / 10000
union all
select distinct
  case
    when r.oid is null then 'no role ' || wanted.role
    else 'we may not act as role ' || wanted.role
  end
from unnest(%(roles)s::text[]) as wanted (role)
left join pg_roles as r on r.rolname = wanted.role
where r.oid is null
   or not pg_has_role(r.oid, 'member')
union all
select 'no extension ' || wanted.name
from unnest(%(extensions)s::text[]) as wanted (name)
where not exists (
  select
  from pg_available_extensions as e
  where e.name = wanted.name
)
order by 1
