-- Whether there is a schema of our name, and whether it is ours.
-- Parameters: none. Locks nothing.
select coalesce(obj_description(oid, 'pg_namespace') like 'Switchback:%', false) as ours
from pg_namespace
where nspname = 'switchback'
