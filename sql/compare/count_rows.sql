-- How many rows a table has. Reads the whole table, or an index of it.
-- {table}: qualified, with ONLY unless it is a partition root
select count(*)
from {table} as t
