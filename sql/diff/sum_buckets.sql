-- One number per bucket of a table's rows: buckets that agree on both sides hold the same rows.
-- Identifiers: relation, bucket, hash, wanted (see switchback/recovery/view.py). Reads; locks nothing against writers.
select {bucket}
     , count(*)
     , sum({hash})
from {relation}
where {wanted}
group by 1
