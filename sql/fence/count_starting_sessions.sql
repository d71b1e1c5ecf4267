-- How many sessions are just being opened in those databases. Reads only.
-- Between its check of CONNECT and its entry in pg_stat_activity a session is seen by nothing but the lock that it
-- holds on its database. Look here first and at the sessions afterwards: then none is missed.
-- %(databases)s: names, text[]
select count(*)
from pg_locks as l
join pg_database as d on d.oid = l.objid
where l.locktype = 'object'
  and l.classid = 'pg_catalog.pg_database'::regclass
  and l.mode = 'RowExclusiveLock'
  and l.pid <> pg_backend_pid()
  and d.datname = any(%(databases)s)
