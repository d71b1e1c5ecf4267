-- A new, empty large object.
-- Parameters: loid. Locks nothing.
select lo_create(%(loid)s)
