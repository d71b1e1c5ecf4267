-- Where a sequence stands.
-- Parameters: sequence. Locks nothing.
select last_value, is_called
from {sequence}
