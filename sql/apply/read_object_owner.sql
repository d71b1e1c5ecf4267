-- Who owns a large object; no row where there is none.
-- Parameters: loid. Locks nothing.
select pg_get_userbyid(lomowner)::text as owner
from pg_largeobject_metadata
where oid = %(loid)s
