-- Who owns a sequence; no row where there is none.
-- Parameters: schema, name. Locks nothing.
select pg_get_userbyid(c.relowner)::text as owner
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s
  and c.relname = %(name)s
  and c.relkind = 'S'
