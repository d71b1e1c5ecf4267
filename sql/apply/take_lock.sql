-- One recovery writes to a database at a time. The lock ends with the session.
-- Parameters: none. The two numbers are ours.
select pg_try_advisory_lock(1936880739, 1)
