-- The column by which rows are best sorted before they are added: the first one of the B-tree index whose order has the
-- least to do with the order in which rows lie. Unsorted, every row would meet another page of that index.
-- Parameters: table (oid), columns (text[]): the ones that rows bring. Locks nothing; no row where rows lie in order.
select a.attname::text
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_am m on m.oid = c.relam and m.amname = 'btree'
join pg_opclass o on o.oid = i.indclass[0] and o.opcdefault
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
join pg_class t on t.oid = i.indrelid
join pg_namespace n on n.oid = t.relnamespace
join pg_stats s on s.schemaname = n.nspname and s.tablename = t.relname and s.attname = a.attname and not s.inherited
where i.indrelid = %(table)s and i.indisready
  and a.attname = any(%(columns)s)
  and abs(s.correlation) < 0.5
order by abs(s.correlation), a.attnum
limit 1
