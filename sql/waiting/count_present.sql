-- How many of the given keys are there. Reads only, by the key's index.
-- {keys}, {names}, {match}, {table}: as for count_identical
select count(*)
from unnest({keys}) as asked ({names})
join {table} as t on {match}
