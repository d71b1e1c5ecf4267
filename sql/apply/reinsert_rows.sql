-- Add the new versions of rows that were removed to be made anew; columns that the file has not keep old's value.
-- Parameters: table, columns, values, stage, kept, applied, reinserted. Locks nothing but the new rows.
insert into {table} {columns} overriding system value
select {values}
from {stage} s
join {kept} k on k.number = s._row
where s._op = 'update'
  and {applied}
  and {reinserted}
