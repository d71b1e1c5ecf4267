-- How many rows of a table were touched since the bound, and how many were not. Reads the whole table, by age alone.
-- {table}, %(bound)s: as for stream_rows
select
  count(*) filter (where touched) as touched,
  count(*) filter (where not touched) as untouched
from (
  select %(bound)s::text is null or age(t.xmin) <= age(%(bound)s::text::xid) as touched
  from {table} as t
) as ages
