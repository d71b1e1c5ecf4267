-- How many rows a table has, and two independent 64-bit sums over their text: equal for equal rows in any order,
-- and different when a row is there twice. Text, not equality: 1.5 and 1.50 differ. Reads the whole table.
-- {table}: qualified, with ONLY unless it is a partition root; {columns}: t.column, ... by name
select
  count(*) as rows,
  coalesce(sum(hashtextextended(line, 0)), 0) as first,
  coalesce(sum(hashtextextended(line, 8191)), 0) as second
from (
  select row({columns})::text collate "C" as line
  from {table} as t
  offset 0 -- the text is made once for both sums
) as lines
