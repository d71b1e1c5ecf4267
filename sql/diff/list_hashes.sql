-- The key and the hash of each row in some buckets, in an order that is the same on both sides.
-- Identifiers: relation, key_hash, hash, recent, key, wanted. Reads; locks nothing against writers.
select {key_hash}
     , {hash}
     , {recent}
     , {key}
from {relation}
where {wanted}
order by 1
