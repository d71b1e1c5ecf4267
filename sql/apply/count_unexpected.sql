-- Rows of old that do not look as they did when the bundle was made: changed since, or gone.
-- Parameters: stage, kept, expected (the captured row as an array of texts), width (its length), applied. Locks nothing.
select count(*)
from {stage} s
left join {kept} k on k.number = s._row
where s._op in ('update', 'delete')
  and {applied}
  and k.before[1:{width}] is distinct from {expected}
