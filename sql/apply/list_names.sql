-- Names of relations.
-- Parameters: relations (oid[]). Locks nothing.
select n.nspname::text as schema, c.relname::text as name
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.oid = any(%(relations)s)
