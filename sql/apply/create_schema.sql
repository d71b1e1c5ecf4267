-- Our own room in old's database: what is needed to undo, and what was applied. Nothing of the application's.
-- Parameters: none. Locks nothing.
create schema switchback
