-- How many rows there are, and two independent 64-bit sums over the text of their keys: all rows, or only those that
-- were not touched since the bound. Reads the whole table.
-- {table}, {key_columns}, %(bound)s: as for stream_rows; %(all)s
select
  count(*) as rows,
  coalesce(sum(hashtextextended(line, 0)), 0) as first,
  coalesce(sum(hashtextextended(line, 8191)), 0) as second
from (
  select row({key_columns})::text collate "C" as line
  from {table} as t
  where %(all)s
    or not (%(bound)s::text is null or age(t.xmin) <= age(%(bound)s::text::xid))
  offset 0 -- the text is made once for both sums
) as lines
