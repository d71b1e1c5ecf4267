-- Write a piece of a large object.
-- Parameters: loid, place (offset in bytes), piece. Locks nothing.
select lo_put(%(loid)s, %(place)s, %(piece)s)
