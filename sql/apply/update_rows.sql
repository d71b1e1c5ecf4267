-- Change rows in place.
-- Parameters: table, assignments, stage, kept, applied, chosen (which updates). Locks the rows.
update {table} t
set {assignments}
from {stage} s
join {kept} k on k.number = s._row
where t.ctid = k.place
  and t.tableoid = k.relation
  and s._op = 'update'
  and {applied}
  and {chosen}
