-- Rows of old as they were, for undo. A materialized view: nobody can change it, and no comparison of the
-- application's tables takes it for one of them.
-- Parameters: view, held (literal: the temporary table's name). Locks nothing.
create materialized view switchback.{view} as
select number, before
from switchback.frozen({held})
