-- What an index would hold for some rows: the place of each key asked for, and the index's terms as text.
-- Identifiers: relation, terms, keys, names, match, condition. Reads by index; locks nothing.
select asked."switchback place"
     , {terms}
from unnest({keys}) with ordinality as asked({names}, "switchback place")
join {relation} on {match}
where {condition}
order by asked."switchback place"
