-- Where the values of a large file arrive before they are brought in; seen by both sessions, not written ahead.
-- Parameters: arrived, columns. Locks nothing.
create unlogged table switchback.{arrived} ({columns})
