-- The keys of the rows that a rule points at. Identifiers: relation, key, wanted. Reads; locks nothing against writers.
select {key}
from {relation}
where {wanted}
