-- The databases of those names, with their owners. Reads only.
-- %(databases)s: names, text[]
select
  d.datname as database,
  pg_get_userbyid(d.datdba) as owner
from pg_database as d
where d.datname = any(%(databases)s)
order by d.datname
