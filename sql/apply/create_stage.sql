-- A place for one file of the bundle, gone with the transaction.
-- Parameters: stage, columns. Locks nothing.
create temporary table {stage} ({columns}) on commit drop
