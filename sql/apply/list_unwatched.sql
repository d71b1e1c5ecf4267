-- The constraints of these tables, and of their partitions, that only a trigger checks, which stands still where the
-- application's do, and no query of ours: unique and exclusion constraints that may be checked at the end, and foreign keys
-- over a period (since 18).
-- Parameters: tables (oid[]), partition roots or plain tables. Locks nothing.
select k.conname::text as name
from pg_constraint k
join pg_class c on c.oid in (k.conrelid, k.confrelid)
where coalesce(pg_partition_root(c.oid), c.oid) = any(%(tables)s)
  and case k.contype
    when 'f' then coalesce((to_jsonb(k) ->> 'conperiod')::bool, false)
    else k.contype in ('u', 'p', 'x') and k.condeferrable
  end
