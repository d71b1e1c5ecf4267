-- The foreign keys of these tables, each once, at the top of its partition tree.
-- Parameters: tables (oid[]). Locks nothing. Each pair of columns comes with its own equality operator.
select k.conrelid as relation
     , k.conname as name
     , pn.nspname as parent_schema
     , p.relname as parent_name
     , array(
         select a.attname::text
         from unnest(k.conkey) with ordinality as u(number, place)
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number
         order by u.place
       ) as columns
     , array(
         select a.attname::text
         from unnest(k.confkey) with ordinality as u(number, place)
         join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number
         order by u.place
       ) as referenced
     , array(
         select format('operator(%%I.%%s)', n.nspname, o.oprname)
         from unnest(k.conpfeqop) with ordinality as u(id, place)
         join pg_operator o on o.oid = u.id
         join pg_namespace n on n.oid = o.oprnamespace
         order by u.place
       ) as operators
from pg_constraint k
join pg_class p on p.oid = k.confrelid
join pg_namespace pn on pn.oid = p.relnamespace
where k.contype = 'f'
  and k.conparentid = 0
  and k.conrelid = any(%(tables)s)
order by k.conrelid, k.conname
