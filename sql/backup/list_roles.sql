-- Every role that owns something here, or that something here, or the database itself, is granted to. Reads only.
select distinct r.rolname as role
from pg_shdepend as s
join pg_roles as r on r.oid = s.refobjid
where s.refclassid = 'pg_catalog.pg_authid'::regclass
  and s.deptype in ('o', 'a', 'r')
  and (
    s.dbid = (select d.oid from pg_database as d where d.datname = current_database())
    or s.dbid = 0
    and s.classid = 'pg_catalog.pg_database'::regclass
    and s.objid = (select d.oid from pg_database as d where d.datname = current_database())
  )
  and r.rolname !~ '^pg_'
order by 1
