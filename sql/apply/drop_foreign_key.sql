-- Take a foreign key away whose action cannot be deferred (restrict, set default); it comes back in this transaction.
-- Parameters: table, constraint. Locks the tables of both ends.
alter table {table} drop constraint {constraint}
