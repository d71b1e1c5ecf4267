-- The snapshot that this transaction reads, for others to read too while it lasts. Locks nothing.
select pg_export_snapshot()
