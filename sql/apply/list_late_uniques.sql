-- The unique and exclusion constraints of these tables, and of their partitions, that may be checked at the end: by a
-- trigger, which stands still where the application's do.
-- Parameters: tables (oid[]), partition roots or plain tables. Locks nothing.
select k.conname::text as name
from pg_constraint k
join pg_class c on c.oid = k.conrelid
where coalesce(pg_partition_root(c.oid), c.oid) = any(%(tables)s)
  and k.contype in ('u', 'p', 'x')
  and k.condeferrable
