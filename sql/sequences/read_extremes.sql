-- The lowest and the highest value of a column, null when it is empty. Reads only; without an index the whole table.
-- {table}: qualified; {column}
select
  floor(min({column})) as lowest,
  ceil(max({column})) as highest
from {table}
