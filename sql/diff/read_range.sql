-- The range of an integer key. Identifiers: relation, column. Reads two ends of an index.
select min({column})
     , max({column})
from {relation}
