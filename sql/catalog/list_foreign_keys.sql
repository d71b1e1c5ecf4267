-- The foreign keys from and to these tables, each once, at the top of its partition tree. Tables stand for their
-- partitions.
-- Parameters: tables (oid[]), partition roots or plain tables. Locks nothing.
-- One that is NOT ENFORCED (since 18) is a note, not a rule: it is left out.
-- Each pair of columns comes with its own equality operator, because the search path is pinned.
with tree as (
  select c.oid, coalesce(pg_partition_root(c.oid), c.oid)::oid as root
  from pg_class c
  where c.oid = any(%(tables)s)
     or (c.relispartition and pg_partition_root(c.oid) = any(%(tables)s))
)
select k.oid
     , k.conname::text as name
     , k.conrelid as child
     , coalesce(pg_partition_root(k.conrelid), k.conrelid)::oid as child_root
     , k.confrelid as parent
     , coalesce(pg_partition_root(k.confrelid), k.confrelid)::oid as parent_root
     , k.condeferrable as deferrable
     , k.convalidated as validated
     , k.confdeltype::text as on_delete
     , k.confmatchtype = 'f' as match_full
     , pg_get_constraintdef(k.oid) as definition
     , obj_description(k.oid, 'pg_constraint') as comment
     , array(
         select a.attname::text
         from unnest(k.conkey) with ordinality as u(number, place)
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number
         order by u.place
       ) as child_columns
     , array(
         select a.attname::text
         from unnest(k.confkey) with ordinality as u(number, place)
         join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number
         order by u.place
       ) as parent_columns
     , array(
         select format('operator(%%I.%%s)', n.nspname, o.oprname)
         from unnest(k.conpfeqop) with ordinality as u(id, place)
         join pg_operator o on o.oid = u.id
         join pg_namespace n on n.oid = o.oprnamespace
         order by u.place
       ) as operators
from pg_constraint k
where k.contype = 'f'
  and k.conparentid = 0
  and coalesce((to_jsonb(k) ->> 'conenforced')::bool, true)
  and (k.conrelid in (select oid from tree) or k.confrelid in (select oid from tree))
order by k.conrelid, k.conname
