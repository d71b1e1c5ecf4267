-- Take rows off the stage that do not fit into old, and what was kept of old's for them.
-- Parameters: stage, kept, rows (their numbers). Locks nothing.
with images as (
  delete from {kept} k
  where k.number = any({rows})
)
update {stage} t
set _decision = 'left'
where t._row = any({rows})
returning t._op, t._row
