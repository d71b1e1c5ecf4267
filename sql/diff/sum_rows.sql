-- One number for all rows of a table, and how many of them are recent: one scan.
-- Identifiers: relation, hash, recent, stamped (see switchback/recovery/view.py). Reads; locks nothing against writers.
select count(*)
     , count(*) filter (where {recent})
     , coalesce(sum({hash}) filter (where not {recent}), 0)
     , count(*) filter (where {recent} and not {stamped})
from {relation}
