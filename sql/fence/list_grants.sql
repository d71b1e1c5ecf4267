-- Who may connect to those databases, by whose grant. Reads only.
-- A null access list means the built-in default, which acldefault spells out. The grantee '' is PUBLIC.
-- %(databases)s: names, text[]
select
  d.datname as database,
  coalesce(grantee.rolname, '') as grantee,
  pg_get_userbyid(entry.grantor) as grantor,
  entry.is_grantable as grantable
from pg_database as d
cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as entry
left join pg_roles as grantee on grantee.oid = entry.grantee
where d.datname = any(%(databases)s)
  and entry.privilege_type = 'CONNECT'
order by 1, 2, 3
