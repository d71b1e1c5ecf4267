-- Check this foreign key at the end only.
-- Parameters: table, constraint. Locks the tables of both ends.
alter table {table} alter constraint {constraint} deferrable initially deferred
