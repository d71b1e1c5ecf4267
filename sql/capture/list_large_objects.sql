-- Every large object of some owners with its owner, size and a sum of its content in pieces of 16 MiB, by oid.
-- Parameters, as literals: owners (name[]). Reads every one of them; needs SELECT on them, or membership of the owner.
select opened.oid
     , opened.owner
     , opened.size
     , (
         select encode(sha256(coalesce(string_agg(sha256(lo_get(opened.oid, piece, 16777216)), '' order by piece), '')), 'hex')
         from generate_series(0, opened.size - 1, 16777216) as piece
       )
     , lo_close(opened.handle)
from (
  select handles.*, lo_lseek64(handles.handle, 0, 2) as size
  from (
    select m.oid, pg_get_userbyid(m.lomowner) as owner, lo_open(m.oid, 262144) as handle
    from pg_largeobject_metadata m
    where pg_get_userbyid(m.lomowner) = any({owners})
    order by m.oid
    offset 0
  ) as handles
  offset 0
) as opened
order by opened.oid
