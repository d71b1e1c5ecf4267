-- Remove a large object.
-- Parameters: loid. Locks nothing.
select lo_unlink(%(loid)s)
