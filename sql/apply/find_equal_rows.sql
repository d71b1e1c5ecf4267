-- Keep the rows of old that are about to be removed from a table without a key: as many of equal rows as are to go.
-- Parameters: kept, table, image (the row as an array of texts), found (of its telling columns), stage, expected (the
-- same of the stage), applied. Reads the table.
insert into {kept} (number, relation, place, before)
select wanted.number, found.relation, found.place, found.image
from (
  select s._row as number
       , {expected} collate "C" as telling
       , row_number() over (partition by {expected} collate "C" order by s._row) as nth
  from {stage} s
  where s._op = 'delete'
    and {applied}
) wanted
join (
  select t.tableoid as relation
       , t.ctid as place
       , {image} as image
       , {found} collate "C" as telling
       , row_number() over (partition by {found} collate "C" order by t.tableoid, t.ctid) as nth
  from {table} t
) found on found.telling = wanted.telling and found.nth = wanted.nth
