-- The rest of this transaction sees the database as it is now, changes nothing and may take as long as it takes.
-- A session whose client is gone is still ended, by client_connection_check_interval.
set transaction isolation level repeatable read, read only;
set local statement_timeout = 0;
set local jit = off;
