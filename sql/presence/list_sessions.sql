-- Clients inside a server's databases, but for a pool that waits: a session of an application's role that has been
-- idle for longer than the window. Reads only; needs pg_monitor, and a state that is hidden counts as busy.
-- %(own)s: this pipeline's application name, as the start of it; %(pools)s: the applications' roles, text[];
-- %(window_s)s: seconds
select
  a.pid,
  coalesce(a.usename, '') as role,
  coalesce(a.datname, '') as database,
  coalesce(a.application_name, '') as application,
  coalesce(a.backend_type, 'client backend') as kind,
  false as closable
from pg_stat_activity as a
where a.pid <> pg_backend_pid()
  and coalesce(a.backend_type, 'client backend') in ('client backend', 'walsender')
  and not (a.usename is not distinct from session_user and starts_with(a.application_name, %(own)s))
  and not (
    a.usename = any(%(pools)s)
    and a.state is not distinct from 'idle'
    and a.state_change < clock_timestamp() - make_interval(secs => %(window_s)s)
  )
order by a.pid
