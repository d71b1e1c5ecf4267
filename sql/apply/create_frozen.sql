-- Reads a temporary table by name, so that a materialized view can be filled from it and depend on nothing. Where
-- there is no such table any more (a dump that is being restored), it reads nothing.
-- Parameters: none. Locks nothing.
create or replace function switchback.frozen(held text) returns table (number bigint, before text[])
language plpgsql
stable
as '
begin
  if to_regclass(held) is not null then
    return query execute ''select number, before from '' || held;
  end if;
end'
