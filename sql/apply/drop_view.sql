-- Forget one of our views.
-- Parameters: view. Locks it.
drop materialized view switchback.{view}
