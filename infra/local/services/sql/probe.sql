-- A real write, rolled back by its caller: proves that this role may write here, now. Locks one row until then.
update service_state set probed_at = clock_timestamp()
