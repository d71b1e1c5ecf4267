-- End whoever is in a database of ours, a killed runner's restore above all; superusers, and with them the server's
-- own workers, are left alone: dropping it ends those. Waits up to 5 s for each. %(database)s: name
select count(pg_terminate_backend(activity.pid, 5000))
from pg_stat_activity as activity
join pg_roles as role on role.oid = activity.usesysid
where activity.datname = %(database)s
  and activity.pid <> pg_backend_pid()
  and not role.rolsuper
