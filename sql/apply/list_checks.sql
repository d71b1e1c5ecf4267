-- The checks (and, since 18, NOT NULLs) of these tables that a merge may meet half way: those that were added NOT VALID,
-- which rows of before may break, and those that call a function of the application's (calling), which may look at other
-- rows and sees what is neither before nor after. Each at the top of its inheritance tree; a partition may have its own.
-- Parameters: tables (oid[]), partition roots or plain tables. Locks nothing.
select k.conrelid as child
     , k.conname::text as name
     , pg_get_constraintdef(k.oid) as definition
     , obj_description(k.oid, 'pg_constraint') as comment
     , k.convalidated as validated
     , x.calling
from pg_constraint k
join pg_class c on c.oid = k.conrelid
cross join lateral (
  select exists (
    select
    from pg_depend d
    where d.classid = 'pg_constraint'::regclass
      and d.objid = k.oid
      and d.refclassid = 'pg_proc'::regclass
  ) as calling
) x
where coalesce(pg_partition_root(c.oid), c.oid) = any(%(tables)s)
  and k.contype in ('c', 'n')
  and (x.calling or not k.convalidated)
  and k.coninhcount = 0
  and coalesce((to_jsonb(k) ->> 'conenforced')::bool, true)
order by k.conrelid, k.conname
