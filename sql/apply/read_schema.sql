-- Whether there is a schema of our name, whether it is ours, and whether that is written on it. An empty one that was
-- made for us counts as ours.
-- Parameters: none. Locks nothing.
select coalesce(
         obj_description(n.oid, 'pg_namespace') like 'Switchback:%'
       , has_schema_privilege(n.oid, 'create') and pg_has_role(n.nspowner, 'usage')
           and not exists (select from pg_class c where c.relnamespace = n.oid)
       ) as ours
     , obj_description(n.oid, 'pg_namespace') is not null as described
from pg_namespace n
where n.nspname = 'switchback'
