-- Check it at once again, as before.
-- Parameters: table, constraint. Locks the tables of both ends.
alter table {table} alter constraint {constraint} not deferrable
