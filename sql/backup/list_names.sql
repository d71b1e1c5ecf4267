-- The databases of this server. Reads only.
select datname
from pg_database
order by datname
