-- Keep the rows of old that are about to be changed or removed, found by their key.
-- Parameters: kept, table, image (the row as an array of texts), stage, match, applied. Reads the table.
insert into {kept} (number, relation, place, before)
select s._row, t.tableoid, t.ctid, {image}
from {stage} s
join {table} t on {match}
where s._op in ('update', 'delete')
  and {applied}
