-- The sessions of others in those databases. Reads only; needs pg_monitor to see what kind they are.
-- A closable one is a client's, not the pipeline's and not a superuser's: pg_signal_backend may end it.
-- %(databases)s: names, text[]
select
  a.pid,
  coalesce(a.usename, '') as role,
  a.datname as database,
  coalesce(a.application_name, '') as application,
  coalesce(a.backend_type, 'client backend') as kind,
  coalesce(a.backend_type, 'client backend') = 'client backend'
    and a.usename is not null
    and a.usename <> session_user
    and not coalesce(r.rolsuper, false) as closable
from pg_stat_activity as a
left join pg_roles as r on r.oid = a.usesysid
where a.datname = any(%(databases)s)
  and a.pid <> pg_backend_pid()
  and not (a.usename is not distinct from session_user and a.application_name like 'switchback%%')
order by a.pid
