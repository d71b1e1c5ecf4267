-- What a guard does: nothing happens to the row. In the session's own schema, gone with the session.
-- Parameters: none. Locks nothing.
create or replace function pg_temp.switchback_keep() returns trigger
language plpgsql
as 'begin return null; end'
