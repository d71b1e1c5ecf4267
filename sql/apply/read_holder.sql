-- Who holds the lock.
-- Parameters: what. Locks nothing.
select l.pid, coalesce(a.application_name, '') as application_name
from pg_locks l
left join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory'
  and l.granted
  and l.database = (select oid from pg_database where datname = current_database())
  and l.classid = 1936880739
  and l.objid = %(what)s
