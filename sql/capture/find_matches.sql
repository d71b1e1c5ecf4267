-- Which rows hold some values: the place of the values asked for, and the row's key, in no order (an order would
-- keep the planner from a hash join, as a session of ours does not sort).
-- Identifiers: relation, key, values, names, match, condition. Reads by index where there is one; locks nothing.
select asked."switchback place"
     , {key}
from unnest({values}) with ordinality as asked({names}, "switchback place")
join {relation} on {match}
where {condition}
