-- Where one sequence stands. Identifiers: sequence. Locks it against being dropped, not against being used.
-- A sequence is not part of any snapshot: this is its position now.
select last_value
     , is_called
from {sequence}
