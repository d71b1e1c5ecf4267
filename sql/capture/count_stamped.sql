-- How many of some rows the timestamp rule sees. Identifiers: relation, wanted, stamped. Reads only.
select count(*) filter (where {stamped})
from {relation}
where {wanted}
