-- The greatest key among the rows that were not written since the cutover: what is beyond came later.
-- Identifiers: relation, column, recent. Reads the end of an index.
select max({column})
from {relation}
where not {recent}
