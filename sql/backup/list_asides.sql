-- The databases whose names begin so. Reads only.
-- %(prefix)s: text
select datname
from pg_database
where starts_with(datname, %(prefix)s)
order by datname
