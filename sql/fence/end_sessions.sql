-- Ask those sessions to end; returns how many took the signal. Their open transactions are rolled back.
-- %(pids)s: backend process ids, int[]
select count(*) filter (where pg_terminate_backend(pid))
from unnest(%(pids)s::int[]) as pid
