-- Add the rows that come. Identity columns take the values given; generated columns make their own.
-- Parameters: table, columns, values, stage, applied. Locks nothing but the new rows.
insert into {table} {columns} overriding system value
select {values}
from {stage} s
where s._op = 'insert'
  and {applied}
