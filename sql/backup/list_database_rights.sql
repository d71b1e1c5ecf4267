-- What may be done with this database itself, CONNECT left out: that is the fence's matter. Reads only.
select
  entry.privilege_type as privilege,
  case entry.grantee when 0 then '' else pg_get_userbyid(entry.grantee)::text end as grantee
from pg_database as d
cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as entry
where d.datname = current_database()
  and entry.privilege_type <> 'CONNECT'
  and entry.grantee <> d.datdba
order by 1, 2
