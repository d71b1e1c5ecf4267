-- The rows that only new has, as cells of the bundle's CSV (docs/bundle.md), written by the server.
-- Identifiers: relation, cells, wanted. Reads; locks nothing against writers.
select {cells}
from {relation}
where {wanted}
