-- The rows that were touched since the bound: their keys as text, and a digest of the whole row. Reads the whole
-- table, by age alone; freezing keeps xmin readable. Without a bound every row counts as touched.
-- {table}: qualified, with ONLY unless it is a partition root; {key}, {columns}: t.column, ...; %(bound)s
select
  array[{key}] as key,
  sha256(convert_to(row({columns})::text, 'UTF8')) as digest
from {table} as t
where %(bound)s::text is null
  or age(t.xmin) <= age(%(bound)s::text::xid)
