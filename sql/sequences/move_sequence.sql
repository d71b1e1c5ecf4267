-- Let a sequence hand out this value next, unless it already is there or further on: never backwards.
-- Locks the sequence for the moment of the move; setval is not undone by a rollback.
-- {sequence}: qualified; %(next_value)s
select setval(s.tableoid::regclass, %(next_value)s, false)
from {sequence} as s
join pg_sequence as d on d.seqrelid = s.tableoid
where sign(d.seqincrement) * (s.last_value::numeric + case when s.is_called then d.seqincrement else 0 end)
  < sign(d.seqincrement) * %(next_value)s::numeric
