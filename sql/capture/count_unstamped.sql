-- How many of some rows the timestamp rule does not see. Identifiers: relation, wanted, stamped. Reads only.
select count(*) filter (where not {stamped})
from {relation}
where {wanted}
