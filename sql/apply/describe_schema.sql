-- Tells whoever finds the schema what it is, and us that it is ours.
-- Parameters: none. Locks nothing.
comment on schema switchback is 'Switchback: rows of this database as they were before a recovery, and which recoveries were applied'
