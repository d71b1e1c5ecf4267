-- What old may refuse: checks, unique and exclusion constraints, foreign keys, by their definitions.
-- Parameters: tables (oid[]). Locks nothing.
select k.conrelid as relation
     , k.conname as name
     , pg_get_constraintdef(k.oid) as definition
from pg_constraint k
where k.conrelid = any(%(tables)s)
  and k.contype in ('c', 'u', 'x', 'f')
  and k.conparentid = 0
order by k.conrelid, k.conname
