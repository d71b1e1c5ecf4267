-- Take the guard away again.
-- Parameters: table. Takes access exclusive on it.
drop trigger "~switchback_keep" on {table}
