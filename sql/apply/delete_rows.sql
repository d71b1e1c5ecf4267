-- Remove the rows that go, and those that will be made anew.
-- Parameters: table, stage, kept, applied, reinserted. Locks the rows.
delete from {table} t
using {stage} s
join {kept} k on k.number = s._row
where t.ctid = k.place
  and t.tableoid = k.relation
  and {applied}
  and (s._op = 'delete' or (s._op = 'update' and {reinserted}))
