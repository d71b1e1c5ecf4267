-- A large object as it is on old: owner, size, and a sum of its content in pieces of 16 MiB, as capture made it.
-- Parameters: loid, which must be one. Reads it; needs SELECT on it. 262144 is "for reading".
select opened.owner
     , opened.size
     , (
         select encode(sha256(coalesce(string_agg(sha256(lo_get(opened.oid, piece, 16777216)), '' order by piece), '')), 'hex')
         from generate_series(0, opened.size - 1, 16777216) as piece
       ) as fingerprint
     , lo_close(opened.handle) as closed
from (
  select handles.*, lo_lseek64(handles.handle, 0, 2) as size
  from (
    select m.oid, pg_get_userbyid(m.lomowner)::text as owner, lo_open(m.oid, 262144) as handle
    from pg_largeobject_metadata m
    where m.oid = %(loid)s
    offset 0
  ) as handles
  offset 0
) as opened
