-- The rows of some keys, in the order asked for, each with its place in that order.
-- Identifiers: relation, recent, stamped, cells, keys, names, match. Reads by index; locks nothing against writers.
select asked."switchback place"
     , {recent}
     , {stamped}
     , {cells}
from unnest({keys}) with ordinality as asked({names}, "switchback place")
join {relation} on {match}
order by asked."switchback place"
