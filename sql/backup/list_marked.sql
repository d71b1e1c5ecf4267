-- The databases whose comment is a mark of ours. Reads only.
select
  d.datname as name,
  s.description as comment
from pg_database as d
join pg_shdescription as s on s.classoid = 'pg_catalog.pg_database'::regclass and s.objoid = d.oid
where s.description like '{"run": %'
  and s.description like '%"manifest": %'
order by d.datname
