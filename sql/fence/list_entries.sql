-- Which transaction last wrote the row of each database in pg_database: who may connect is in it. Reads only.
-- %(databases)s: names, text[]
select datname, xmin::text
from pg_database
where datname = any(%(databases)s)
order by datname
