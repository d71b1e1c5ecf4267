-- The roles that could log in to any of those databases now, by whatever grant or membership. Reads only.
-- Not the pipeline's own role, and not superusers: nobody but a superuser can shut those out.
-- %(databases)s: names, text[]
select r.rolname
from pg_roles as r
where r.rolcanlogin
  and not r.rolsuper
  and r.rolname <> session_user
  and exists (
    select
    from pg_database as d
    where d.datname = any(%(databases)s)
      and has_database_privilege(r.oid, d.oid, 'connect')
  )
order by r.rolname
