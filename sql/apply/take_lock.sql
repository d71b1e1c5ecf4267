-- One recovery writes to a database at a time. The lock ends with the session.
-- Parameters: what (1: writing, 2: a whole run). The other number is ours.
select pg_try_advisory_lock(1936880739, %(what)s)
