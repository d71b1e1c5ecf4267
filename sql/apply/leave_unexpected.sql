-- Take rows off the stage that do not look on old as they did when the bundle was made: changed since, or gone.
-- Parameters: stage, kept, expected (the captured row as an array of texts), width (its length), applied. Locks nothing.
with unexpected as (
  select s._row
  from {stage} s
  left join {kept} k on k.number = s._row
  where s._op in ('update', 'delete')
    and {applied}
    and k.before[1:{width}] is distinct from {expected}
)
, images as (
  delete from {kept} k
  using unexpected u
  where k.number = u._row
)
update {stage} t
set _decision = 'left'
from unexpected u
where t._row = u._row
returning t._op, t._row
