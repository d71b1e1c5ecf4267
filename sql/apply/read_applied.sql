-- What is on record about one recovery.
-- Parameters: view. Locks nothing.
select details
from switchback.{view}
