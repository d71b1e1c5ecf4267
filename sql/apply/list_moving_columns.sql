-- The columns of partition keys, wherever in the tree: a row that changes one of them may move.
-- Parameters: tables (oid[]), partition roots. Locks nothing.
with tree as (
  select c.oid, coalesce(pg_partition_root(c.oid), c.oid)::oid as root
  from pg_class c
  where c.relkind = 'p'
    and (c.oid = any(%(tables)s) or (c.relispartition and pg_partition_root(c.oid) = any(%(tables)s)))
)
select distinct tree.root
     , a.attname::text as name
from tree
join pg_partitioned_table p on p.partrelid = tree.oid
join pg_attribute a on a.attrelid = tree.oid and a.attnum > 0
where a.attnum = any(p.partattrs::int2[])
   or exists (
     select
     from pg_depend d
     where d.classid = 'pg_class'::regclass and d.objid = tree.oid and d.objsubid = a.attnum
       and d.refclassid = 'pg_class'::regclass and d.refobjid = tree.oid and d.refobjsubid = 0
   )
