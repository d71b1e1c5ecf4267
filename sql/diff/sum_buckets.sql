-- One number per bucket of a table's rows: buckets that agree on both sides hold the same rows.
-- Identifiers: relation, bucket, hash (see switchback/recovery/view.py). Reads; locks nothing against writers.
select {bucket}
     , count(*)
     , sum({hash})
from {relation}
group by 1
