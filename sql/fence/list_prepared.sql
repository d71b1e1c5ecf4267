-- Prepared transactions: no session holds them, and each may commit after every session is gone. Reads only.
-- %(databases)s: names, text[]
select
  gid,
  owner,
  database
from pg_prepared_xacts
where database = any(%(databases)s)
order by database, gid
