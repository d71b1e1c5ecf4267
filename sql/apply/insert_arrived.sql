-- Add the rows of one piece of a large file. Identity columns take the values given; generated columns make their own.
-- Parameters: table, columns, arrived, values, sorted (see read_scattered), after and last (tid). Locks nothing but the
-- new rows.
insert into {table} ({columns}) overriding system value
select {values}
from switchback.{arrived}
where ctid > %(after)s::tid
  and ctid <= %(last)s::tid
{sorted}
