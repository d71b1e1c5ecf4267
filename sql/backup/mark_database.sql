-- Say what a database is, in a shared catalog: it survives renaming. Blocks only other comments on it.
-- {database}: name; {comment}: text
comment on database {database} is {comment}
