-- The keys, as text, of the rows that were touched since the bound, or of those that were not. Reads the whole table.
-- {table}, {key}, %(bound)s: as for stream_rows; %(touched)s
select array[{key}] as key
from {table} as t
where (%(bound)s::text is null or age(t.xmin) <= age(%(bound)s::text::xid)) = %(touched)s
