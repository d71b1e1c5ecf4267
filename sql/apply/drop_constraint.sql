-- Take a constraint away: a foreign key whose action cannot be deferred (restrict, set default), or a rule that was
-- added NOT VALID and that rows of before break; it comes back in this transaction.
-- Parameters: table, constraint. Locks the tables of both ends.
alter table {table} drop constraint {constraint}
