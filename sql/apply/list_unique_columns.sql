-- The columns whose values must not collide with another row's while rows are being merged: those of unique and
-- exclusion indexes (keys, expressions, predicates) of each table and its partitions. A column that is null stands
-- for the whole row: then any change counts.
-- Parameters: tables (oid[]), partition roots or plain tables. Locks nothing.
with tree as (
  select c.oid, coalesce(pg_partition_root(c.oid), c.oid)::oid as root
  from pg_class c
  where c.oid = any(%(tables)s)
     or (c.relispartition and pg_partition_root(c.oid) = any(%(tables)s))
), indexed as (
  select i.indexrelid, i.indrelid as relation, k.number
  from pg_index i
  cross join unnest(i.indkey::int2[]) as k(number)
  where (i.indisunique or i.indisexclusion) and k.number > 0
  union
  select i.indexrelid, i.indrelid, d.refobjsubid
  from pg_index i
  join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
   and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid
  where (i.indisunique or i.indisexclusion) and (i.indexprs is not null or i.indpred is not null)
)
select distinct tree.root
     , case when a.attgenerated = '' then a.attname::text end as name
from tree
join indexed on indexed.relation = tree.oid
left join pg_attribute a on a.attrelid = tree.oid and a.attnum = indexed.number and indexed.number > 0
