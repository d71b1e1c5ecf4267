-- The valid unique indexes of these tables, with the equality operator of each part. A key WITHOUT OVERLAPS (since 18)
-- is none: its operator says that two rows overlap, not that they are the same.
-- Parameters: tables (oid[]). Locks nothing. The primary key's comes first.
select i.indrelid as relation
     , c.relname as name
     , pg_get_expr(i.indpred, i.indrelid) as predicate
     , array(
         select a.attname::text
         from generate_series(1, i.indnkeyatts) as k(place)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.place - 1]
         order by k.place
       ) as columns
     , array(
         select pg_get_indexdef(i.indexrelid, k.place, false)
         from generate_series(1, i.indnkeyatts) as k(place)
         order by k.place
       ) as terms
     , array(
         select format('operator(%%I.%%s)', n.nspname, o.oprname)
         from generate_series(1, i.indnkeyatts) as k(place)
         join pg_opclass oc on oc.oid = i.indclass[k.place - 1]
         join pg_amop m on m.amopfamily = oc.opcfamily
                       and m.amoplefttype = oc.opcintype
                       and m.amoprighttype = oc.opcintype
                       and m.amopstrategy = 3
         join pg_operator o on o.oid = m.amopopr
         join pg_namespace n on n.oid = o.oprnamespace
         order by k.place
       ) as operators
     , array(
         select case when a.atttypid = 'cstring'::regtype then 'name' else format_type(a.atttypid, a.atttypmod) end
         from pg_attribute a
         where a.attrelid = i.indexrelid
           and a.attnum <= i.indnkeyatts
         order by a.attnum
       ) as types
     , not exists (
         select
         from generate_series(1, i.indnkeyatts) as k(place)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.place - 1]
         where i.indcollation[k.place - 1] <> a.attcollation
       ) as own_collations
from pg_index i
join pg_class c on c.oid = i.indexrelid
where i.indrelid = any(%(tables)s)
  and i.indisunique
  and not i.indisexclusion
  and i.indisvalid
  and i.indislive
order by i.indrelid, i.indisprimary desc, c.relname
