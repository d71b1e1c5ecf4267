-- How many rows these are, and how many of them the timestamp rule sees. Identifiers: relation, wanted, stamped. Reads
-- only.
select count(*)
     , count(*) filter (where {stamped})
from {relation}
where {wanted}
