-- The checks (and, since 18, NOT NULLs) of these tables that were added NOT VALID: rows of before may break them.
-- Each at the top of its inheritance tree; a partition may have its own.
-- Parameters: tables (oid[]), partition roots or plain tables. Locks nothing.
select k.conrelid as child
     , k.conname::text as name
     , pg_get_constraintdef(k.oid) as definition
     , obj_description(k.oid, 'pg_constraint') as comment
     , k.convalidated as validated
from pg_constraint k
join pg_class c on c.oid = k.conrelid
where coalesce(pg_partition_root(c.oid), c.oid) = any(%(tables)s)
  and k.contype in ('c', 'n')
  and not k.convalidated
  and k.coninhcount = 0
  and coalesce((to_jsonb(k) ->> 'conenforced')::bool, true)
order by k.conrelid, k.conname
