-- Which rows hold some values: the place of the values asked for, and the row's key.
-- Identifiers: relation, key, values, names, match, condition. Reads by index where there is one; locks nothing.
select asked.place
     , {key}
from unnest({values}) with ordinality as asked({names}, place)
join {relation} on {match}
where {condition}
order by asked.place
