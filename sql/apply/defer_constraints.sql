-- Leave to the end of the transaction what may be left to it.
-- Parameters: none. Locks nothing.
set constraints all deferred
