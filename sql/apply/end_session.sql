-- End a session that was left behind; its transaction is rolled back.
-- Parameters: pid. Locks nothing.
select pg_terminate_backend(%(pid)s)
