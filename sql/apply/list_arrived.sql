-- The tables in which values of a large file arrived, and which a run left behind.
-- Parameters: none. Locks nothing.
select relname
from pg_class
where relnamespace = 'switchback'::regnamespace
  and relkind = 'r'
  and relpersistence = 'u'
  and relname ~ '^arrived_[0-9]+$'
