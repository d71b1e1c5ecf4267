-- One number for all rows of a table that are not recent; how many are recent, and where the first of them lies (in any
-- partition): one scan, which takes no more of a row apart than its key.
-- Identifiers: relation, hash, recent (see switchback/recovery/view.py). Reads; locks nothing against writers.
select count(*) - count(place)
     , coalesce(sum(hash) filter (where place is null), 0)
     , count(place)
     , min(place)
from (
  select {hash} as hash
       , case when {recent} then t.ctid end as place
  from {relation}
  offset 0
) as rows
