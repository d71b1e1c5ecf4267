-- Whether some rows' values are ones of a column's type: an error if not. Assigned, not cast: a cast would cut.
-- Parameters: probe (a table of one column of that type), stage, value, applied, first, last (literals). Locks nothing.
insert into {probe}
select {value}
from {stage} s
where s._op <> 'delete'
  and {applied}
  and s._row between {first} and {last}
