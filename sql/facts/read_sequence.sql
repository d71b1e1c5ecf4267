-- Where one sequence stands. Reads only. pg_sequences would show null for one that has not been called,
-- also when it was set to start somewhere else.
-- {sequence}: qualified
select
  last_value,
  is_called
from {sequence}
