-- Every database of a server that holds anybody's data: templates and those that Azure keeps for itself left out.
-- Reads only. %(own)s: names that are Azure's and the pipeline's, text[]
select d.datname
from pg_database as d
where not d.datistemplate
  and d.datname <> all(%(own)s)
order by d.datname
