-- One number for all rows of a table that are not recent; how many are recent, how many of those not stamped, and where
-- the first of them lies (in any partition): one scan.
-- Identifiers: relation, hash, recent, stamped (see switchback/recovery/view.py). Reads; locks nothing against writers.
select count(*) - count(seen)
     , coalesce(sum(hash) filter (where seen is null), 0)
     , count(seen)
     , count(*) filter (where not seen)
     , min(place) filter (where seen is not null)
from (
  select {hash} as hash
       , case when {recent} then {stamped} end as seen
       , t.ctid as place
  from {relation}
  offset 0
) as rows
