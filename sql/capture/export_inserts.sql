-- The rows that only new has, in the very layout of the bundle's CSV (docs/bundle.md), written by the server.
-- Identifiers: relation, cells, wanted. Reads; locks nothing against writers.
select 'insert'
     , 'apply'
     , ''
     , row_number() over ()
     {cells}
from {relation}
where {wanted}
