-- Bring back to the session what was kept of one table.
-- Parameters: kept, view. Locks nothing.
insert into {kept} (number, before)
select number, before
from switchback.{view}
