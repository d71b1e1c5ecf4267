-- One number for all rows of a table that are not recent, and how many are recent or not stamped: one scan.
-- Identifiers: relation, hash, recent, stamped (see switchback/recovery/view.py). Reads; locks nothing against writers.
select count(*)
     , count(seen)
     , coalesce(sum(hash) filter (where seen is null), 0)
     , count(*) filter (where not seen)
from (
  select {hash} as hash
       , case when {recent} then {stamped} end as seen
  from {relation}
  offset 0
) as rows
