-- Drop a table in which values arrived.
-- Parameters: arrived. Locks it.
drop table switchback.{arrived}
