-- The checks of these tables that call a function of the application's, which may look at other rows: in the middle of a
-- merge it sees what is neither before nor after. Each at the top of its inheritance tree; a partition may have its own.
-- Parameters: tables (oid[]), partition roots or plain tables. Locks nothing.
select k.conrelid as child
     , k.conname::text as name
     , pg_get_constraintdef(k.oid) as definition
     , obj_description(k.oid, 'pg_constraint') as comment
     , k.convalidated as validated
from pg_constraint k
join pg_class c on c.oid = k.conrelid
where coalesce(pg_partition_root(c.oid), c.oid) = any(%(tables)s)
  and k.contype = 'c'
  and k.coninhcount = 0
  and coalesce((to_jsonb(k) ->> 'conenforced')::bool, true)
  and exists (
    select
    from pg_depend d
    where d.classid = 'pg_constraint'::regclass
      and d.objid = k.oid
      and d.refclassid = 'pg_proc'::regclass
  )
order by k.conrelid, k.conname
