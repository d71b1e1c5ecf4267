-- The rows in some buckets as a multiset: each distinct row with how often it is there, is recent, is stamped.
-- Identifiers: relation, hash, recent, stamped, named_cells, names, wanted. Reads; locks nothing against writers.
select hash
     , count(*)
     , count(*) filter (where recent)
     , count(*) filter (where stamped)
     {names}
from (
  select {hash} as hash
       , {recent} as recent
       , {stamped} as stamped
       {named_cells}
  from {relation}
  where {wanted}
) as rows
group by hash {names}
order by hash
