-- The table, or the root of its partitions, and the columns of a unique index that has nothing but columns.
-- Parameters: schema, name (of the index). Locks nothing.
select coalesce(pg_partition_root(i.indrelid), i.indrelid)::oid as root
     , array(
         select a.attname::text
         from unnest(i.indkey[:i.indnkeyatts - 1]) with ordinality as u(number, place)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.number
         order by u.place
       ) as columns
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(schema)s
  and c.relname = %(name)s
  and i.indisunique
  and i.indexprs is null
  and i.indpred is null
